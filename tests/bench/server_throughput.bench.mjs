// Messages a second through frond-server and through a stock nats-server, with the same clients, on the same machine,
// turn by turn: `npm run bench server_throughput`, or `node tests/bench/server_throughput.bench.mjs [rounds] [case…]`.
// nats-server acknowledges a stored message before it is forced to the disk (sync_interval 2m), frond-server after; so
// both are also measured with the other's policy. Results go to tests/bench/results/ as JSON.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { frondServer, measure, startServer, stockServer } from './support/contest.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const rounds = Number(process.argv[2] ?? 3)
const wanted = process.argv.slice(3)

const nats = stockServer()
const contestants = [
  { name: 'frond', binary: frondServer, sync: 'always', core: true },
  { name: 'nats', binary: nats, sync: '2m', core: true },
  { name: 'frond 2m', binary: frondServer, sync: '2m' },
  { name: 'nats always', binary: nats, sync: 'always' },
]

const pair = (kind) => [`${kind}Subscriber`, `${kind}Publisher`]
const cases = [
  ...[16, 128, 1024].map((bytes) => ({
    name: `core, nats.js, ${bytes} B`,
    roles: pair('core'),
    bytes,
    count: bytes > 500 ? 150_000 : 300_000,
    core: true,
  })),
  ...[16, 128, 1024].map((bytes) => ({
    name: `core, raw, ${bytes} B`,
    roles: pair('raw'),
    bytes,
    count: bytes > 500 ? 400_000 : 2_000_000,
    core: true,
  })),
  {
    name: 'request-reply p50, us',
    roles: ['requests'],
    bytes: 16,
    count: 5_000,
    core: true,
    field: 'microseconds',
  },
  { name: 'stream publish async, 128 B', roles: ['streamAsync'], bytes: 128, count: 30_000 },
  { name: 'stream publish one by one', roles: ['streamSync'], bytes: 128, count: 1_000 },
  { name: 'consume, ack none', roles: ['consume'], bytes: 128, count: 30_000 },
  { name: 'consume, explicit ack', roles: ['consumeAcked'], bytes: 128, count: 30_000 },
]

const samples = new Map()
const chosen = cases.filter(
  (one) => wanted.length === 0 || wanted.some((word) => one.name.includes(word)),
)
for (let round = 0; round < rounds; ++round) {
  // Every second round in the other order, so that no server always has the warmer machine.
  for (const contestant of round % 2 === 0 ? contestants : [...contestants].reverse()) {
    const server = await startServer(contestant)
    try {
      for (const one of chosen) {
        if (one.core && !contestant.core) continue
        const key = `${one.name}|${contestant.name}`
        const value = await measure(server.port, one).catch((error) => {
          console.error(`${contestant.name}: ${one.name}: ${error.message}`)
          return Number.NaN
        })
        console.error(`round ${round + 1}: ${contestant.name}: ${one.name}: ${Math.round(value)}`)
        samples.set(key, [...(samples.get(key) ?? []), value])
      }
    } finally {
      await server.stop()
    }
  }
}

const stats = (name, contestant) => {
  const values = (samples.get(`${name}|${contestant}`) ?? [])
    .filter(Number.isFinite)
    .sort((a, b) => a - b)
  if (values.length === 0) return undefined
  return {
    min: values[0],
    median: values[values.length >> 1],
    max: values.at(-1),
    rounds: values.length,
  }
}
const figure = (value) => (value === undefined ? '–' : Math.round(value).toLocaleString('en'))
const span = (s) => (s ? `${figure(s.median)} (${figure(s.min)}–${figure(s.max)})` : '–')

console.log(
  `messages/s, median (min–max) of ${rounds} rounds; ${cpus().length} CPUs, ${cpus()[0]?.model}`,
)
console.log(
  '| case | frond, forced before the ack | nats-server, its default | ratio | frond sync 2m | nats-server sync always |',
)
console.log('|---|---|---|---|---|---|')
const results = []
for (const one of chosen) {
  const by = Object.fromEntries(contestants.map(({ name }) => [name, stats(one.name, name)]))
  results.push({ case: one.name, ...by })
  const ratio = by.frond && by.nats ? (by.frond.median / by.nats.median).toFixed(2) : '–'
  console.log(
    `| ${one.name} | ${span(by.frond)} | ${span(by.nats)} | ${ratio} | ${span(by['frond 2m'])} | ${span(by['nats always'])} |`,
  )
}
const folder = join(root, 'tests/bench/results')
mkdirSync(folder, { recursive: true })
writeFileSync(
  join(folder, 'server_throughput.json'),
  `${JSON.stringify({ cpus: cpus().length, model: cpus()[0]?.model, rounds, results }, null, 2)}\n`,
)
