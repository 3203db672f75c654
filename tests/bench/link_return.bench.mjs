// How long it takes from "the network is back" until the first message that was queued meanwhile is in the hub's stream:
// frond-server, the npm package in Node.js and a nats-server leaf, each behind a relay to the same kind of hub, over
// the same cuts: `npm run bench link_return`, or `node tests/bench/link_return.bench.mjs [cuts] [contestant…]`.
// Two runs: cuts in a row, and (five times as many) cuts of which every tenth leaves a half-open link behind: nothing
// passes and nobody is told. What takes longer than `patience` counts as that, and is helped by a cut.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { contestants } from './support/link_contestants.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cuts = Number(process.argv[2] ?? 20)
const wanted = process.argv.slice(3)
const patience = 15_000

/** The same lengths of time for each contestant, 100 ms to 3 s. */
function lengths() {
  let state = 7
  return () => {
    state = (state * 48271) % 2147483647
    return 100 + (state % 2900)
  }
}

async function run(pair, count, halfOpenEvery) {
  const times = []
  const length = lengths()
  for (let cut = 1; cut <= count; ++cut) {
    const halfOpen = halfOpenEvery > 0 && cut % halfOpenEvery === 0
    if (halfOpen) pair.relay.silence()
    else pair.relay.cut()
    await sleep(20)
    const { arrived } = await pair.queue()
    await sleep(length())
    const back = performance.now()
    pair.relay.restore()
    const took = await Promise.race([
      arrived.then((at) => Math.max(0, at - back)),
      sleep(patience, Number.POSITIVE_INFINITY, { ref: false }),
    ])
    times.push(Math.min(took, patience))
    if (took > patience) {
      pair.relay.cut()
      pair.relay.restore()
      await arrived
    }
    // The next cut meets links of every age.
    await sleep(length() / 4)
  }
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: times.at(-1) }
}

const results = []
for (const [name, begin] of Object.entries(contestants)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const pair = await begin()
  try {
    for (const [kind, count, every] of [
      ['cuts in a row', cuts, 0],
      ['every tenth half-open', 5 * cuts, 10],
    ]) {
      const figures = await run(pair, count, every)
      results.push({ name, kind, count, ...figures })
      const text = Object.entries(figures).map(([key, ms]) => `${key} ${(ms / 1000).toFixed(2)} s`)
      console.log(`${name.padEnd(14)} ${String(count).padStart(4)} ${kind}: ${text.join(', ')}`)
    }
  } finally {
    await pair.end()
  }
}
const folder = join(root, 'tests/bench/results')
mkdirSync(folder, { recursive: true })
writeFileSync(
  join(folder, 'link_return.json'),
  `${JSON.stringify({ date: new Date().toISOString(), cpu: cpus()[0]?.model, results }, null, 2)}\n`,
)
