// What must not be in the tree: promises of later work, skipped tests without a reason, paths and addresses of one
// machine, headers that do not say what they are.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import test from 'node:test'
import { root } from '../../scripts/paths.mjs'
import { files, hits, read } from './tree.mjs'

// Written in pieces, so that this file does not break its own rules.
const word = (...pieces) => pieces.join('')
const text =
  /\.(h|cc|ts|tsx|mjs|js|json|md|txt|cmake|css|html|yml|yaml|toml|conf|webmanifest)$|^\.ci\/|(^|\/)\.[a-z]+(rc|config|ignore|format|tidy)$/

function findAll(paths, pattern) {
  return paths.flatMap((path) => hits(path, read(path), pattern))
}

test('no file promises later work', () => {
  const pattern = new RegExp(
    `\\b(${[word('TO', 'DO'), word('FIX', 'ME'), word('XX', 'X'), word('HA', 'CK')].join('|')})\\b`,
  )
  assert.deepEqual(
    findAll(
      files(text).filter((path) => path !== 'package-lock.json'),
      pattern,
    ),
    [],
  )
})

test('no test is left out without its reason', () => {
  const pattern = new RegExp(
    [
      '\\b(it|test|describe|suite)\\.(only|todo)\\b',
      `\\b(it|test|describe|suite)\\.${word('sk', 'ip')}\\b`,
      `\\b${word('sk', 'ip')}: true\\b`,
      '\\[!(mayfail|shouldfail)\\]',
      'TEST_CASE\\(.*"[^"]*\\[\\.[^"]*"',
    ].join('|'),
  )
  const found = files(/^tests\/.*\.(cc|mjs|ts)$/)
    .filter((path) => path !== 'tests/rules/hygiene.test.mjs')
    .flatMap((path) => {
      const lines = read(path).split('\n')
      // A reason is a comment on the line above.
      return lines.flatMap((line, i) =>
        pattern.test(line) && !/^\s*\/\//.test(lines[i - 1] ?? '')
          ? [`${path}:${i + 1}: ${line.trim()}`]
          : [],
      )
    })
  assert.deepEqual(found, [])
})

test('no file names a path of one machine', () => {
  const pattern = new RegExp(
    `(^|[\\s"'=(:])/(${['root', 'home/\\w+', 'Users/\\w+', word('wo', 'rk'), word('fa', 'rm'), 'tmp/h'].join('|')})/`,
  )
  assert.deepEqual(findAll(files(text), pattern), [])
})

test('no file names a package registry or a mirror', () => {
  const hosts = [
    'registry\\.' + 'npmjs',
    'registry\\.' + 'yarnpkg',
    '(deb|security|snapshot|ftp)\\.' + 'debian',
    'pypi\\.' + 'org',
    'proxy\\.' + 'golang',
  ]
  assert.deepEqual(findAll(files(text), new RegExp(hosts.join('|'))), [])
  assert.deepEqual(hits('package-lock.json', read('package-lock.json'), /"resolved": "http/), [])
})

test('nothing built or downloaded is tracked', () => {
  const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n')
  assert.deepEqual(
    tracked.filter((path) => /(^|\/)(build|dist|node_modules|\.tools)\//.test(path)),
    [],
  )
})

/** Its first words after `#pragma once` are a comment, before any include. */
function opensWithComment(header) {
  const first = header
    .split('\n')
    .find((line) => line.trim() !== '' && line.trim() !== '#pragma once')
  return first !== undefined && /^\s*\/[/*]/.test(first)
}

test('every header says what it is before anything else', () => {
  const headers = files(/^(core|server|wasm|tests)\/.*\.h$/)
  assert.ok(headers.length > 0)
  assert.deepEqual(
    headers.filter((path) => !opensWithComment(read(path))),
    [],
  )
  assert.ok(!opensWithComment('#pragma once\n#include <string>\n'))
})

test('every header is guarded and opens no namespace for its includers', () => {
  const headers = files(/^(core|server|wasm|tests)\/.*\.h$/)
  assert.deepEqual(
    headers.filter((path) => !/^#pragma once$/m.test(read(path))),
    [],
  )
  assert.deepEqual(findAll(headers, /^\s*using namespace\b/), [])
})

test('a page links to its files by relations that browsers know', () => {
  const known = ['stylesheet', 'icon', 'apple-touch-icon', 'manifest', 'modulepreload', 'preload']
  const found = findAll(files(/\.html$/), /<link\b/).filter(
    (line) => !known.includes(/\brel="([^"]*)"/.exec(line)?.[1]),
  )
  assert.deepEqual(found, [])
})

test('file names are lower case', () => {
  const found = files(/^(core|server|wasm|web|js|demo|tests|scripts)\/.*\.(h|cc|ts|mjs)$/).filter(
    (path) => !/^[a-z0-9_.-]+$/.test(path.split('/').at(-1)),
  )
  assert.deepEqual(found, [])
})

test('core has no drawer for odds and ends', () => {
  const found = files(/^(core|server|wasm|web|js|demo|tests|scripts)\//).filter((path) =>
    /(^|\/)(utils?|misc|helpers?|common)(\.|\/|_)/.test(path),
  )
  assert.deepEqual(found, [])
})
