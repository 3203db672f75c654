// Folders are layers and arrows go one way: in core by core/layers.txt, in TypeScript demo -> js -> web.
import assert from 'node:assert/strict'
import { dirname, join, normalize } from 'node:path'
import test from 'node:test'
import { files, read, readLayers } from './tree.mjs'

const { layers, faults } = readLayers(read('core/layers.txt'))

function includes(path) {
  return [...read(path).matchAll(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/gm)].map(
    ([, kind, name]) => ({ kind, name }),
  )
}

/** Why `path`, a file of `layer`, may not include it; undefined when it may. */
function forbidden(layer, { kind, name }) {
  if (kind === '<') return undefined
  const target = name.split('/')[0]
  if (!name.includes('/') || name.startsWith('.')) return 'is not written relative to core/'
  if (!layers.has(target)) return 'is in no layer of core/layers.txt'
  if (target !== layer && !layers.get(layer).includes(target))
    return `is an edge ${layer} -> ${target} that layers.txt does not have`
  return undefined
}

test('core/layers.txt reads and names each layer after those it stands on', () => {
  assert.deepEqual(faults, [])
  assert.ok(layers.size >= 5)
})

test('every folder of core is a layer', () => {
  const folders = new Set(files(/^core\/[^/]+\/.*\.(h|cc)$/).map((path) => path.split('/')[1]))
  folders.delete('include')
  assert.deepEqual(
    [...folders].filter((name) => !layers.has(name)),
    [],
  )
})

test('every include in core follows an edge of core/layers.txt', () => {
  const sources = files(/^core\/.*\.(h|cc)$/).filter((path) => !path.startsWith('core/include/'))
  assert.ok(sources.length > 0)
  const found = []
  for (const path of sources) {
    const layer = path.split('/')[1]
    if (!layers.has(layer)) continue
    for (const include of includes(path)) {
      const why = forbidden(layer, include)
      if (why) found.push(`${path}: "${include.name}" ${why}`)
    }
  }
  assert.deepEqual(found, [])
})

test('the rule itself refuses an arrow upwards, an unknown layer and a relative path', () => {
  const bottom = [...layers.keys()][0]
  const top = [...layers.keys()].at(-1)
  assert.match(forbidden(bottom, { kind: '"', name: `${top}/x.h` }), /edge/)
  assert.match(forbidden(top, { kind: '"', name: 'nowhere/x.h' }), /no layer/)
  assert.match(forbidden(top, { kind: '"', name: '../base/x.h' }), /relative/)
  assert.equal(forbidden(top, { kind: '"', name: `${bottom}/x.h` }), undefined)
  assert.equal(forbidden(bottom, { kind: '<', name: 'string' }), undefined)
})

test('the public headers lie below everything: they include only each other and the standard library', () => {
  const found = files(/^core\/include\/.*\.h$/).flatMap((path) =>
    includes(path)
      .filter(
        ({ kind, name }) => kind === '"' || (name.includes('/') && !name.startsWith('frond/')),
      )
      .map(({ name }) => `${path}: ${name}`),
  )
  assert.deepEqual(found, [])
})

// `base` knows nothing of messaging: times, names and base 64 as text serve a host as well. So does the grammar of
// subjects, which a configuration is checked against.
test('hosts know the engine by its public headers only, base and subject', () => {
  const found = files(/^(server|wasm)\/.*\.(h|cc)$/).flatMap((path) =>
    includes(path)
      .filter(
        ({ kind, name }) =>
          kind === '"' && layers.has(name.split('/')[0]) && /^(?!(base|subject)\/).*\//.test(name),
      )
      .map(({ name }) => `${path}: "${name}"`),
  )
  assert.deepEqual(found, [])
})

// --- TypeScript ---

const order = ['web', 'js', 'demo']

function imports(path) {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|new URL\(\s*['"]([^'"]+)['"]\s*,\s*import\.meta\.url/g
  return [...read(path).matchAll(pattern)].map((hit) => hit[1] ?? hit[2] ?? hit[3] ?? hit[4])
}

const modules = files(/^(web|js|demo)\/(?!.*\bdist\/).*\.(ts|tsx)$/)

/** The file of the tree that `specifier` in `path` means; undefined for packages. */
function resolve(path, specifier) {
  if (!specifier.startsWith('.')) return undefined
  const base = normalize(join(dirname(path), specifier))
  const stem = base.replace(/\.(m?js|ts)$/, '')
  return (
    [base, `${stem}.ts`, `${stem}.tsx`, `${base}/index.ts`].find((each) =>
      modules.includes(each),
    ) ?? base
  )
}

test('TypeScript folders import one way: demo -> js -> web', () => {
  const found = []
  for (const path of modules) {
    const from = order.indexOf(path.split('/')[0])
    for (const specifier of imports(path)) {
      const to = order.indexOf((resolve(path, specifier) ?? '').split('/')[0])
      if (to > from) found.push(`${path}: ${specifier}`)
      if (path.startsWith('demo/') && to >= 0 && to < from)
        found.push(`${path}: ${specifier} (the demo uses the package by its name)`)
    }
  }
  assert.deepEqual(found, [])
})

test('no TypeScript module imports itself in a circle', () => {
  const graph = new Map(modules.map((path) => [path, valueImports(path)]))
  assert.deepEqual(circle(graph), [])
  assert.deepEqual(
    circle(
      new Map([
        ['a', ['b']],
        ['b', ['a']],
      ]),
    ),
    ['a', 'b', 'a'],
  )
})

/** Imports of types vanish at build and may point back. */
function valueImports(path) {
  const text = read(path).replace(/(^|\n)\s*(import|export)\s+type\b[^'"]*['"][^'"]+['"]/g, '$1')
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g
  return [...text.matchAll(pattern)]
    .map((hit) => resolve(path, hit[1] ?? hit[2]))
    .filter((each) => modules.includes(each))
}

/** The first circle of the graph as a path, or []. */
function circle(graph) {
  const done = new Set()
  const walk = (node, trail) => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node]
    if (done.has(node)) return []
    for (const next of graph.get(node) ?? []) {
      const found = walk(next, [...trail, node])
      if (found.length > 0) return found
    }
    done.add(node)
    return []
  }
  for (const node of graph.keys()) {
    const found = walk(node, [])
    if (found.length > 0) return found
  }
  return []
}
