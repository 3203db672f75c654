// Files of about 300 lines, never over 600; functions of at most 70. A file over 300 stands in long_files.json with its
// length, which may only shrink: `node tests/rules/ratchet.mjs` writes the list anew, and the change is then reviewed.
import assert from 'node:assert/strict'
import test from 'node:test'
import {
  functionLinesMax,
  lineCounts,
  lineCountsOver,
  linesMax,
  linesUsual,
  longFunctions,
} from './length.mjs'
import { files, read } from './tree.mjs'

const known = JSON.parse(read('tests/rules/long_files.json'))

test(`no source file is over ${linesMax} lines`, () => {
  assert.deepEqual(lineCountsOver(linesMax), {})
})

test(`files over ${linesUsual} lines are listed and do not grow`, () => {
  const found = Object.entries(lineCountsOver(linesUsual))
    .filter(([path, count]) => count > (known[path] ?? linesUsual))
    .map(
      ([path, count]) =>
        `${path}: ${count} lines, ${known[path] ? `listed with ${known[path]}` : 'not listed'}`,
    )
  assert.deepEqual(found, [])
})

test('the list of long files holds only long files', () => {
  const counts = lineCounts()
  assert.deepEqual(
    Object.keys(known).filter((path) => (counts[path] ?? 0) <= linesUsual),
    [],
  )
})

test(`no function is over ${functionLinesMax} lines`, () => {
  const found = files(
    /^(core|server|wasm|web|js|demo|scripts)\/(?!.*\bdist\/).*\.(h|cc|ts|mjs)$/,
  ).flatMap((path) =>
    longFunctions(read(path)).map(
      ({ line, length, head }) => `${path}:${line}: ${length} lines: ${head}`,
    ),
  )
  assert.deepEqual(found, [])
})

test('the measure finds a long function, wrapped heads included, and leaves classes and tables alone', () => {
  const body = 'x();\n'.repeat(functionLinesMax).replace(/^/gm, '  ').trimEnd()
  const long = longFunctions(`int f(int a,\n      int b) {\n${body}\n}\n`)
  assert.equal(long.length, 1)
  assert.equal(long[0].line, 1)
  assert.equal(
    longFunctions(`class A {\n${body}\n};\nconst t = {\n${body}\n}\nint g() {\n  x();\n}\n`).length,
    0,
  )
})
