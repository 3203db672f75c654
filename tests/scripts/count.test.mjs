// Counting must never turn a failure into a pass: what the runners print, and what they print when they die.
import assert from 'node:assert/strict'
import test from 'node:test'
import { countCatch, countLies, countNode, countSimulation } from '../../scripts/test/count.mjs'

test('Catch2: all passed, some failed, crashed, and a sanitizer after the summary', () => {
  assert.deepEqual(countCatch('All tests passed (9 assertions in 3 test cases)\n', 0), {
    passed: 3,
    failed: 0,
  })
  assert.deepEqual(
    countCatch('test cases: 5 | 4 passed | 1 failed\nassertions: 9 | 8 passed | 1 failed\n', 1),
    { passed: 4, failed: 1 },
  )
  assert.deepEqual(countCatch('AddressSanitizer: heap-use-after-free\n', 1), {
    passed: 0,
    failed: 1,
  })
  assert.deepEqual(
    countCatch('All tests passed (9 assertions in 3 test cases)\nLeakSanitizer: …\n', 23),
    { passed: 3, failed: 1 },
  )
})

test('Node.js: a cancelled test failed, a skipped one is told, no test at all is a failure', () => {
  const summary = (pass, fail, cancelled, skipped) =>
    `ℹ tests ${pass + fail}\nℹ suites 0\nℹ pass ${pass}\nℹ fail ${fail}\nℹ cancelled ${cancelled}\nℹ skipped ${skipped}\nℹ todo 0\n`
  assert.deepEqual(countNode(summary(4, 0, 0, 0), 0), { passed: 4, failed: 0 })
  assert.deepEqual(countNode(summary(4, 1, 1, 0), 1), { passed: 4, failed: 2 })
  assert.deepEqual(countNode(summary(4, 0, 0, 2), 0), { passed: 4, failed: 0, note: '2 skipped' })
  assert.equal(countNode(summary(0, 0, 0, 0), 0).failed, 1)
  assert.equal(countNode('', 137).failed, 1)
})

test('the simulation: broken seeds are counted once, a dead job takes all its passes with it', () => {
  const end = '2000 seeds and 2 kept ones in 60.1 s: all hold\n'
  assert.deepEqual(countSimulation(end, 0), { passed: 2002, failed: 0 })
  const broken =
    'seed 7 FAILED check b: twice\n  replay: …\nseed 7 FAILED check b: twice\nseed 9 FAILED check a: lost\n'
  assert.deepEqual(countSimulation(broken + end, 1), { passed: 2000, failed: 2 })
  assert.deepEqual(countSimulation(`a job died by signal 11; …\n${end}`, 1), {
    passed: 0,
    failed: 1,
  })
  assert.deepEqual(countSimulation('', 127), { passed: 0, failed: 1 })
})

test('the lies: each that is missed is a failure', () => {
  const output =
    'ack-early        caught by check a, seed 3\nreorder          NOT caught by check b\n'
  assert.deepEqual(countLies(output, 1), { passed: 1, failed: 1 })
  assert.deepEqual(countLies('', 0), { passed: 0, failed: 1 })
})
