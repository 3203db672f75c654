// Bytes on the wire a message of 230 bytes, at a round trip of 100 ms: up, what was queued without a network; down, what
// a mirror catches up with; and messages written one at a time. Packages and frond-server over a WebSocket that the hub
// compresses, or not; a nats-server leaf over TCP with the compression that it and its hub agree on (s2_auto).
// `node tests/bench/link_wire.bench.mjs [messages] [contestant…]`
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstream } from '@nats-io/jetstream'
import { eventually } from '../interop/eventually.mjs'
import { contestants } from './support/link_contestants.mjs'

const count = Number(process.argv[2] ?? 10_000)
const wanted = process.argv.slice(3)
const bytes = 230
const roundTrip = 100

/** What an app writes: the same fields, other values. */
function record(i) {
  const entry = {
    id: `${(i * 2654435761) % 4294967296}`,
    sensor: `station-${i % 37}`,
    written: new Date(1.7e12 + i * 977).toISOString(),
    value: ((i * 7919) % 10007) / 97,
    unit: 'celsius',
    note: 'measured by the device while it had no network',
  }
  return JSON.stringify(entry).padEnd(bytes).slice(0, bytes)
}

async function batches(js, subject, total) {
  for (let i = 0; i < total; i += 500) {
    const some = Array.from({ length: Math.min(500, total - i) }, (_, j) => record(i + j))
    await Promise.all(some.map((text) => js.publish(subject, text, { timeout: 60_000 })))
  }
}

const messagesOf = async (manager, stream) => (await manager.streams.info(stream)).state.messages
const arrives = (what, manager, stream, expected) =>
  eventually(what, async () => (await messagesOf(manager, stream)) >= expected, 120_000)

async function measure(pair, name) {
  const { relay, hubManager, manager } = pair
  const before = await messagesOf(hubManager, 'ENTRIES')
  relay.cut()
  await batches(pair.js, 'entries.a', count)
  const up = relay.up
  relay.restore()
  await arrives('up', hubManager, 'ENTRIES', before + count)
  const raised = (relay.up - up) / count

  await hubManager.streams.add({ name: 'NEWS', subjects: ['news.>'] })
  await batches(jetstream(pair.atHub), 'news.a', count)
  await sleep(500)
  const down = relay.down
  const external = { api: '$JS.hub.API' }
  await manager.streams.add({ name: 'COPY', mirror: { name: 'NEWS', external } })
  await arrives('down', manager, 'COPY', count)
  const sunk = (relay.down - down) / count

  const singles = 200
  const single = relay.up
  for (let i = 0; i < singles; ++i) {
    await pair.js.publish('entries.a', record(i))
    await sleep(10)
  }
  await arrives('singles', hubManager, 'ENTRIES', before + count + singles)
  const alone = (relay.up - single) / singles
  const text = (value) => value.toFixed(0).padStart(5)
  console.log(
    `${name.padEnd(32)} up${text(raised)}, down${text(sunk)}, up one at a time${text(alone)}`,
  )
}

const cases = [
  ['frond-server', { compression: true }],
  ['frond-server', { compression: false }],
  ['package', { compression: true }],
  ['package', { compression: false }],
  ['nats-server', { overTcp: true }],
]
for (const [name, options] of cases) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const pair = await contestants[name]({ ...options, roundTrip })
  try {
    const how = options.overTcp ? 'TCP, s2_auto' : options.compression ? 'compressed' : 'plain'
    await measure(pair, `${name}, ${how}`)
  } finally {
    await pair.end()
  }
}
