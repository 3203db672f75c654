// Core NATS through the whole path page -> port -> Wasm engine -> port, with the stock client.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { headers } from '@nats-io/nats-core'
import { NodeClosedError, open } from 'frond'

let node
before(async () => {
  node = await open({ name: 'core', storage: 'memory' })
})
after(() => node.close())

async function connected(t, options) {
  const nc = await node.connect(options)
  t.after(() => nc.close())
  return nc
}

async function take(subscription, count) {
  const found = []
  for await (const message of subscription) {
    found.push(message)
    if (found.length === count) break
  }
  return found
}

const isNoResponders = (error) => /no responders/.test(error.message)

test('INFO names the node and its JetStream', async (t) => {
  const nc = await connected(t)
  assert.equal(nc.info.server_name, 'core')
  assert.equal(nc.info.jetstream, true)
  assert.equal(nc.info.domain, 'core')
  assert.equal(nc.info.headers, true)
})

test('a message goes from one connection to another, with headers and bytes as they were', async (t) => {
  const [from, to] = [await connected(t), await connected(t)]
  const subscription = to.subscribe('a.*')
  await to.flush()
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
  const extra = headers()
  extra.set('Key', 'value')
  from.publish('a.b', bytes, { headers: extra })
  const [message] = await take(subscription, 1)
  assert.equal(message.subject, 'a.b')
  assert.deepEqual([...message.data], [...bytes])
  assert.equal(message.headers.get('Key'), 'value')
})

test('order is kept over many messages of mixed sizes, up to the largest payload', async (t) => {
  const [from, to] = [await connected(t), await connected(t)]
  const subscription = to.subscribe('order')
  await to.flush()
  const sizes = [0, 1, 100, 65_535, 65_536, 65_537, 1_048_576]
  const all = Array.from({ length: 300 }, (_, i) => sizes[i % sizes.length])
  for (const size of all) from.publish('order', new Uint8Array(size))
  const found = await take(subscription, all.length)
  assert.deepEqual(
    found.map((message) => message.data.length),
    all,
  )
})

test('requests are answered; without a service they fail at once', async (t) => {
  const nc = await connected(t)
  nc.subscribe('double', {
    callback: (_, message) => message.respond(message.string().repeat(2)),
  })
  assert.equal((await nc.request('double', 'ab')).string(), 'abab')
  const began = performance.now()
  await assert.rejects(nc.request('nobody', '', { timeout: 10_000 }), isNoResponders)
  assert.ok(performance.now() - began < 5_000)
})

test('a queue group shares its messages, each to one member', async (t) => {
  const [from, ...members] = await Promise.all([connected(t), connected(t), connected(t)])
  const counts = members.map((member) => {
    const subscription = member.subscribe('work', { queue: 'group' })
    return () => subscription.getReceived()
  })
  await Promise.all(members.map((member) => member.flush()))
  for (let i = 0; i < 200; ++i) from.publish('work')
  await from.flush()
  await Promise.all(members.map((member) => member.flush()))
  const [first, second] = counts.map((count) => count())
  assert.equal(first + second, 200)
  assert.ok(first > 0 && second > 0, `${first} and ${second}`)
})

test('a connection that is closed leaves no interest behind', async (t) => {
  const [asking, serving] = [await connected(t), await node.connect()]
  serving.subscribe('gone', { callback: (_, message) => message.respond() })
  await serving.flush()
  await asking.request('gone')
  await serving.close()
  await assert.rejects(asking.request('gone'), isNoResponders)
})

test('a closed node refuses connections and says so', async () => {
  const other = await open({ name: 'closed', storage: 'memory' })
  const nc = await other.connect()
  const events = other.events()
  await other.close()
  assert.ok(nc.isClosed())
  await assert.rejects(other.connect(), NodeClosedError)
  await assert.rejects(other.status(), NodeClosedError)
  assert.deepEqual(await events.next(), { done: true, value: undefined })
  await other.close()
})
