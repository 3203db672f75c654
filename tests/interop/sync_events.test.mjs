// What an app is told of its synced streams while they go up and come down: pushed, typed, and wrong domains named.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { open } from 'frond'
import { eventually } from './eventually.mjs'
import { startHub, stock } from './server.mjs'

let hub
let atHub
let node
before(async () => {
  hub = await startHub(stock('2.15'))
  atHub = await connect({ servers: hub.url })
  const url = `ws://127.0.0.1:${hub.ports[2]}`
  node = await open({
    storage: 'memory',
    hub: { url, domain: 'hub', user: 'leaf', password: 'secret' },
  })
})
after(async () => {
  await node.close()
  await atHub.close()
  await hub.remove()
})

/** The last event of each kind as they come. */
function follow() {
  const last = new Map()
  const all = []
  const events = node.events()
  void (async () => {
    for await (const event of events) {
      all.push(event)
      if (event.type === 'sync') last.set(event.stream, event)
    }
  })()
  return { last, all, end: () => events.return() }
}

test('every change of a synced stream is an event, without asking', async () => {
  const jsm = await jetstreamManager(atHub)
  await jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'] })
  const seen = follow()
  const nc = await node.connect()
  const here = await jetstreamManager(nc)
  await here.streams.add({
    name: 'OUT',
    subjects: ['orders.>'],
    metadata: { 'frond.forward': 'hub' },
  })
  const external = { api: '$JS.hub.API', deliver: '' }
  await here.streams.add({ name: 'COPY', mirror: { name: 'ORDERS', external } })
  for (let i = 0; i < 20; ++i) await jetstream(nc).publish('orders.x', `${i}`)
  const done = await eventually('both streams', () => {
    const [out, copy] = [seen.last.get('OUT'), seen.last.get('COPY')]
    return out?.hubSequence === 20 && out.pending === 0 && copy?.hubSequence === 20 && out
  })
  const { lastContact, ...told } = done
  assert.ok(Date.now() - Date.parse(lastContact) < 10_000, lastContact)
  assert.deepEqual(told, {
    type: 'sync',
    stream: 'OUT',
    way: 'forward',
    pending: 0,
    queued: 0,
    lag: 0,
    inFlight: 0,
    inDoubt: 0,
    refused: 0,
    hubStream: 'ORDERS',
    hubSequence: 20,
  })
  const { type, stream, ...info } = told
  const { lastContact: _, ...asked } = await node.sync('OUT')
  assert.deepEqual(asked, info)
  assert.deepEqual((await node.sync('OUT', [1, 20, 21])).messages, [
    { seq: 1, state: 'stored', hubSequence: 1 },
    { seq: 20, state: 'stored', hubSequence: 20 },
    { seq: 21, state: 'unknown' },
  ])
  const count = seen.all.length
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.equal(seen.all.length, count, 'nothing is told while nothing changes')
  await seen.end()
})

test('a stream that is not synced, or not there, is called so', async () => {
  const nc = await node.connect()
  const jsm = await jetstreamManager(nc)
  await jsm.streams.add({ name: 'ALONE', subjects: ['alone'] })
  await assert.rejects(node.sync('ALONE'), { name: 'RequestError', message: /is not synced/ })
  await assert.rejects(node.sync('NONE'), { name: 'RequestError', message: 'stream not found' })
})

test('a domain that is not the hub’s is named in lastError', async () => {
  const seen = follow()
  const jsm = await jetstreamManager(await node.connect())
  await jsm.streams.add({
    name: 'WRONG',
    subjects: ['wrong'],
    metadata: { 'frond.forward': 'hbu' },
  })
  const event = await eventually('the event', () => seen.last.get('WRONG'))
  assert.match(event.lastError, /names the domain "hbu", but the hub's is "hub"/)
  await seen.end()
})

test('metadata under frond. that is unknown or invalid is refused', async () => {
  const jsm = await jetstreamManager(await node.connect())
  for (const metadata of [
    { 'frond.forwards': 'hub' },
    { 'frond.forward': 'hub', 'frond.forward.window': 'abc' },
    { 'frond.forward': 'a.b' },
  ]) {
    const adding = jsm.streams.add({ name: 'M', subjects: ['m'], metadata })
    await assert.rejects(adding, /metadata/, JSON.stringify(metadata))
  }
})
