// Out of the tunnel: 10,000 messages queued without a network, until the last one is in the hub's stream, beside a stock
// nats-server leaf whose hub sources from it. `node tests/bench/drain.bench.mjs [rounds] [contestant…]`
import { frond } from '../interop/server.mjs'
import { contestants, drain } from './support/drain.mjs'

const rounds = Number(process.argv[2] ?? 3)
const wanted = process.argv.slice(3)
const cases = [
  { count: 1_000, roundTrip: 0 },
  ...[0, 50, 100, 200].map((roundTrip) => ({ count: 10_000, roundTrip })),
]
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
const seconds = (values) =>
  `${(median(values) / 1000).toFixed(2)} (${(Math.min(...values) / 1000).toFixed(2)}–${(Math.max(...values) / 1000).toFixed(2)})`

console.log('| messages | round trip, ms | contestant | link back, s | drained, s |')
console.log('|---|---|---|---|---|')
for (const one of cases) {
  for (const [name, make] of Object.entries(contestants)) {
    if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue
    const runs = []
    for (let round = 0; round < rounds; ++round) runs.push(await drain(make(frond), one))
    const link = seconds(runs.map((run) => run.link))
    const took = seconds(runs.map((run) => run.drain))
    console.log(`| ${one.count} | ${one.roundTrip} | ${name} | ${link} | ${took} |`)
  }
}
