// JetStream and key-value through the Wasm node with the stock client, and what a directory keeps.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { NodeInUseError, open } from 'frond'

const made = []
after(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true })
})

function temporary() {
  const directory = mkdtempSync(join(tmpdir(), 'frond-node-'))
  made.push(directory)
  return directory
}

async function opened(t, storage = 'memory', extra = {}) {
  const node = await open({ storage, ...extra })
  const nc = await node.connect()
  const close = () => node.close()
  t.after(close)
  return { node, nc, js: jetstream(nc), close }
}

test('published messages are acknowledged, counted, and consumed in order', async (t) => {
  const { nc, js, node } = await opened(t)
  const jsm = await jetstreamManager(nc)
  await jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'] })
  for (let i = 1; i <= 100; ++i) {
    const ack = await js.publish(`orders.${i % 8}`, `order ${i}`)
    assert.equal(ack.seq, i)
    assert.equal(ack.stream, 'ORDERS')
    assert.equal(ack.domain, node.domain)
  }
  const info = await jsm.streams.info('ORDERS')
  assert.equal(info.state.messages, 100)
  await jsm.consumers.add('ORDERS', {
    durable_name: 'all',
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
  })
  const consumer = await js.consumers.get('ORDERS', 'all')
  const messages = await consumer.fetch({ max_messages: 100, expires: 5_000 })
  const found = []
  for await (const message of messages) {
    found.push(message.string())
    message.ack()
  }
  assert.deepEqual(
    found,
    Array.from({ length: 100 }, (_, i) => `order ${i + 1}`),
  )
})

test('an id that was published before is not stored again', async (t) => {
  const { nc, js } = await opened(t)
  const jsm = await jetstreamManager(nc)
  await jsm.streams.add({ name: 'D', subjects: ['d'] })
  assert.equal((await js.publish('d', '1', { msgID: 'same' })).duplicate, false)
  const again = await js.publish('d', '1', { msgID: 'same' })
  assert.equal(again.duplicate, true)
  assert.equal(again.seq, 1)
})

test('key-value: put, get, create, update, keys, history, delete, watch', async (t) => {
  const { nc } = await opened(t)
  const kv = await new Kvm(nc).create('settings', { history: 5 })
  await kv.put('a', '1')
  const second = await kv.put('a', '2')
  await kv.create('b', 'x')
  await assert.rejects(kv.create('b', 'y'))
  await kv.update('a', '3', second)
  await assert.rejects(kv.update('a', '4', second))
  assert.equal((await kv.get('a')).string(), '3')
  const keys = []
  for await (const key of await kv.keys()) keys.push(key)
  assert.deepEqual(keys.sort(), ['a', 'b'])
  const history = []
  for await (const entry of await kv.history({ key: 'a' })) history.push(entry.string())
  assert.deepEqual(history, ['1', '2', '3'])
  await kv.delete('b')
  assert.equal((await kv.get('b')).operation, 'DEL')
  const watch = await kv.watch()
  await kv.put('c', 'watched')
  for await (const entry of watch) if (entry.key === 'c') break
})

test('a directory keeps streams, messages, ids, consumers and buckets', async (t) => {
  const directory = temporary()
  const first = await opened(t, { directory })
  const jsm = await jetstreamManager(first.nc)
  await jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'] })
  for (let i = 1; i <= 50; ++i) await first.js.publish('orders.x', `${i}`, { msgID: `id-${i}` })
  await jsm.consumers.add('ORDERS', { durable_name: 'some', ack_policy: AckPolicy.Explicit })
  const before = await first.js.consumers.get('ORDERS', 'some')
  for await (const message of await before.fetch({ max_messages: 20, expires: 5_000 })) {
    assert.equal(await message.ackAck(), true)
  }
  await (await new Kvm(first.nc).create('bucket')).put('key', 'value')
  await first.close()

  const second = await opened(t, { directory })
  assert.equal(second.node.name, first.node.name)
  const status = await second.node.status()
  assert.equal(status.storage.kind, 'directory')
  assert.ok(status.storage.bytes > 0)
  const manager = await jetstreamManager(second.nc)
  assert.equal((await manager.streams.info('ORDERS')).state.messages, 50)
  assert.equal((await second.js.publish('orders.x', 'again', { msgID: 'id-50' })).duplicate, true)
  const consumer = await second.js.consumers.get('ORDERS', 'some')
  const next = await consumer.next({ expires: 5_000 })
  assert.equal(next.string(), '21')
  const kv = await new Kvm(second.nc).open('bucket')
  assert.equal((await kv.get('key')).string(), 'value')
  assert.equal((await second.js.publish('orders.x', 'new')).seq, 51)
})

test('a directory has one owner', async (t) => {
  const directory = temporary()
  await opened(t, { directory })
  await assert.rejects(open({ storage: { directory } }), NodeInUseError)
})

test('many publishes at once share commits and are all there', async (t) => {
  const directory = temporary()
  const { nc, js, close } = await opened(t, { directory })
  const jsm = await jetstreamManager(nc)
  await jsm.streams.add({ name: 'MANY', subjects: ['many'] })
  const acks = await Promise.all(
    Array.from({ length: 2_000 }, (_, i) => js.publish('many', `${i}`, { timeout: 20_000 })),
  )
  assert.deepEqual(
    acks.map((ack) => ack.seq).sort((a, b) => a - b),
    Array.from({ length: 2_000 }, (_, i) => i + 1),
  )
  await close()
  const again = await opened(t, { directory })
  const manager = await jetstreamManager(again.nc)
  const { state } = await manager.streams.info('MANY')
  assert.equal(state.messages, 2_000)
  assert.equal(state.last_seq, 2_000)
})
