// Runs growth_figures: what the store's operations cost by what is stored.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = join(
  fileURLToPath(new URL('../../..', import.meta.url)),
  'build/release/tests/bench/growth_figures',
)

/** Its figures, up to so many messages: operation, messages, subjects, consumers, streams, ns. */
export function growth(most) {
  const out = execFileSync(program, [String(most)], { encoding: 'utf8', maxBuffer: 1 << 24 })
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** For each operation the worst ratio of what it costs with `most` messages to what it costs with 1,000. */
export function growthRatios(figures, most) {
  const few = new Map()
  const worst = {}
  for (const { operation, messages, subjects, consumers, streams, ns } of figures) {
    const key = [operation, subjects, consumers, streams].join()
    if (messages === 1_000) few.set(key, ns)
    if (messages === most) worst[operation] = Math.max(worst[operation] ?? 0, ns / few.get(key))
  }
  return worst
}
