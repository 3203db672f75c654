// What npm ships: its interface as it was reviewed, all files that it needs, and use from a clean folder.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'frond-package-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('the interface is the one in docs/api.md', async () => {
  const { apiReport } = await import(join(root, 'js/api_report.mjs'))
  const kept = readFileSync(join(root, 'docs/api.md'), 'utf8')
  assert.equal(apiReport(), kept, 'run `node js/api_report.mjs --write` and review the change')
})

test('the packed package holds what its package.json names, and works where it is unpacked', () => {
  const packed = JSON.parse(
    execFileSync('npm', ['pack', './js', '--json', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
    }),
  )
  const [{ filename, files }] = Array.isArray(packed) ? packed : Object.values(packed)
  const paths = new Set(files.map((file) => file.path))
  const manifest = JSON.parse(readFileSync(join(root, 'js/package.json'), 'utf8'))
  const named = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  )
  for (const path of named) assert.ok(paths.has(path.replace('./', '')), path)
  for (const path of ['README.md', 'LICENSE', 'llms.txt', 'dist/guide.md', 'dist/api.md'])
    assert.ok(paths.has(path), path)
  assert.ok(![...paths].some((path) => path.startsWith('src/') || path.includes('node_modules')))

  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'frond'), { recursive: true })
  const archive = join(folder, filename.replaceAll('/', '-'))
  execFileSync('tar', ['xf', archive, '-C', join(modules, 'frond'), '--strip-components=1'])
  for (const name of ['@nats-io', 'ws', 'tweetnacl']) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  const script = `import { open } from 'frond'
    const node = await open({ name: 'packed', storage: { directory: 'data' } })
    const nc = await node.connect()
    await nc.flush()
    console.log(nc.info.server_name, (await node.status()).storage.kind)
    await node.close()`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.equal(output.trim(), 'packed directory')
})

test('the sizes that the guide names are those of this build, within a tenth', () => {
  const guide = readFileSync(join(root, 'docs/guide.md'), 'utf8')
  const dist = join(root, 'js/dist')
  const gzip = (name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length / 1024
  const page = readdirSync(dist).filter((name) => /^(index|shared-.*)\.js$/.test(name))
  const sizes = {
    "the package's part of your bundle": page.reduce((sum, name) => sum + gzip(name), 0),
    '`worker.js`': gzip('worker.js'),
    '`frond.wasm`': gzip('frond.wasm'),
  }
  for (const [row, real] of Object.entries(sizes)) {
    const line = guide.split('\n').find((each) => each.startsWith(`| ${row} |`))
    const said = Number(/(\d+) KB \|$/.exec(line)?.[1])
    assert.ok(Math.abs(said - real) <= Math.max(1, real / 10), `${row}: ${real} KB, not ${said}`)
  }
})

// nats.js's own types do not compile without DOM.AsyncIterable where they are checked.
const projects = [
  {
    of: 'a page',
    compilerOptions: { lib: ['ES2023', 'DOM', 'DOM.AsyncIterable'], types: [], skipLibCheck: true },
    storage: "'memory'",
  },
  {
    of: 'Node.js',
    compilerOptions: { lib: ['ES2023'], types: ['node'], skipLibCheck: false },
    storage: "{ directory: 'data' }",
  },
]

for (const { of, compilerOptions, storage } of projects) {
  test(`the types compile in a strict project of ${of} that knows nothing of this repository`, () => {
    const project = join(folder, `types ${of}`)
    mkdirSync(project, { recursive: true })
    mkdirSync(join(project, 'node_modules'))
    for (const name of ['@types', 'undici-types']) {
      symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name))
    }
    const source = `import { open, NodeInUseError, type FrondNode, type NodeEvent } from 'frond'
      const node: FrondNode = await open({ storage: ${storage}, hub: { url: 'wss://h', user: 'u', password: 'p' } })
      const nc = await node.connect({ name: 'x' })
      const state: 'none' | 'offline' | 'connecting' | 'online' | 'refused' | 'paused' = (await node.status()).link.state
      for await (const event of node.events()) { const one: NodeEvent = event; if (one.type === 'link') break }
      nc.publish('a', state)
      const pending: number = (await node.sync('S')).pending
      // @ts-expect-error there is no such storage
      await open({ storage: 'floppy' })
      console.log(new NodeInUseError('x').name, pending)`
    writeProject(project, compilerOptions, source)
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const options = { cwd: folder, encoding: 'utf8' }
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', project], options)
    assert.equal(status, 0, stdout)
  })
}

function writeProject(project, own, source) {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    module: 'ESNext',
    moduleResolution: 'bundler',
    ...own,
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  writeFileSync(join(project, 'app.ts'), source)
}
