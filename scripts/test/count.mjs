// Reading how many tests passed and failed out of what the runners print. A runner that ends badly without saying so
// (a sanitizer's report, a crash, a time-out) counts as one failure: silence is never a pass.

export function sumCounts(all) {
  const sum = (key) => all.reduce((total, counts) => total + counts[key], 0)
  return { passed: sum('passed'), failed: sum('failed') }
}

function settled(passed, failed, code) {
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed }
}

/** Catch2 v2's last line: `All tests passed (9 assertions in 3 test cases)` or `test cases: 3 | 2 passed | 1 failed`. */
export function countCatch(output, code) {
  const all = /All tests passed \([^)]* in (\d+) test cases?\)/.exec(output)
  if (all) return settled(Number(all[1]), 0, code)
  const line = /^test cases: .*$/m.exec(output)?.[0] ?? ''
  const passed = Number(/(\d+) passed/.exec(line)?.[1] ?? 0)
  const failed = Number(/(\d+) failed(?! as expected)/.exec(line)?.[1] ?? 0)
  return passed + failed === 0 ? { passed: 0, failed: 1 } : settled(passed, failed, code)
}

/** The spec reporter's summary. A cancelled test is one that did not come to its end: a failure. */
export function countNode(output, code) {
  const of = (name) => Number(new RegExp(`^ℹ ${name} (\\d+)$`, 'm').exec(output)?.[1] ?? 0)
  const skipped = of('skipped') + of('todo')
  const counts = settled(of('pass'), of('fail') + of('cancelled'), code)
  if (counts.passed + counts.failed === 0) return { passed: 0, failed: 1, note: 'no test ran' }
  return skipped > 0 ? { ...counts, note: `${skipped} skipped` } : counts
}

/** frond_sim: a line for each seed that fails, at the end `N seeds and K kept ones in …`. */
export function countSimulation(output, code) {
  const end = /^(\d+) seeds and (\d+) kept ones in /m.exec(output)
  const broken = new Set([...output.matchAll(/^seed (\d+) FAILED/gm)].map((hit) => hit[1])).size
  // A process that died took the rest of its seeds with it; none is counted as passed then.
  if (!end || /a job died/.test(output)) return { passed: 0, failed: broken + 1 }
  return settled(Number(end[1]) + Number(end[2]) - broken, broken, code)
}

/** frond_sim --self-test: one line for each lie that the world told, caught or not. */
export function countLies(output, code) {
  const of = (pattern) => [...output.matchAll(pattern)].length
  const caught = of(/^\S+ +caught by check/gm)
  const missed = of(/^\S+ +NOT caught by check/gm)
  return caught + missed === 0 ? { passed: 0, failed: 1 } : settled(caught, missed, code)
}
