// What any two joined servers do for each other: interest, requests, groups, and two JetStreams side by side.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../eventually.mjs'

const text = (message) => Buffer.from(message.data).toString()

/** Publishes from one side until the other side has heard it; interest takes its time to cross. */
async function heard(from, to, subject) {
  let got
  const subscription = to.subscribe(subject, {
    callback: (_, message) => {
      got ??= text(message)
    },
  })
  await to.flush()
  try {
    return await eventually(`${subject} heard`, async () => {
      from.publish(subject, `to ${subject}`)
      await from.flush()
      await sleep(30)
      return got
    })
  } finally {
    subscription.unsubscribe()
  }
}

async function answered(from, to, subject) {
  const service = to.subscribe(subject, { callback: (_, m) => m.respond(`re: ${text(m)}`) })
  await to.flush()
  try {
    return await eventually(`${subject} answered`, async () =>
      text(await from.request(subject, 'hello', { timeout: 1000 })),
    )
  } finally {
    service.unsubscribe()
  }
}

/** 60 messages from one side to a queue group with members on both: how many each side got. */
async function shared(pair, from, group) {
  const counts = { hub: 0, leaf: 0 }
  const subscriptions = [
    ['hub', pair.atHub],
    ['leaf', pair.atLeaf],
  ].map(([side, nc]) =>
    nc.subscribe(group, {
      queue: 'q',
      callback: () => {
        counts[side] += 1
      },
    }),
  )
  await Promise.all([pair.atHub.flush(), pair.atLeaf.flush()])
  await sleep(200)
  for (let i = 0; i < 60; i++) from.publish(group)
  await from.flush()
  await sleep(300)
  for (const subscription of subscriptions) subscription.unsubscribe()
  return counts.hub + counts.leaf
}

export function coreTests(pair) {
  test('interest crosses both ways', async () => {
    assert.equal(await heard(pair.atLeaf, pair.atHub, 'up.1'), 'to up.1')
    assert.equal(await heard(pair.atHub, pair.atLeaf, 'down.1'), 'to down.1')
  })
  test('requests cross both ways', async () => {
    assert.equal(await answered(pair.atLeaf, pair.atHub, 'service.up'), 're: hello')
    assert.equal(await answered(pair.atHub, pair.atLeaf, 'service.down'), 're: hello')
  })
  test('a queue group over both sides gets each message once', async () => {
    assert.equal(await shared(pair, pair.atLeaf, 'shared.leaf'), 60)
    assert.equal(await shared(pair, pair.atHub, 'shared.hub'), 60)
  })
  test('a message is delivered once to each subscriber, and not back', async () => {
    const counts = { hub: 0, leaf: 0 }
    pair.atHub.subscribe('once', { callback: () => counts.hub++ })
    pair.atLeaf.subscribe('once', { callback: () => counts.leaf++ })
    await Promise.all([pair.atHub.flush(), pair.atLeaf.flush()])
    await sleep(200)
    for (let i = 0; i < 20; i++) {
      pair.atHub.publish('once')
      pair.atLeaf.publish('once')
    }
    await sleep(300)
    assert.deepEqual(counts, { hub: 40, leaf: 40 })
  })
  test('nobody anywhere: no responders at once', async () => {
    const began = Date.now()
    await assert.rejects(
      pair.atLeaf.request('nobody.there', '', { timeout: 3000 }),
      /no responders/,
    )
    await assert.rejects(pair.atHub.request('nobody.there', '', { timeout: 3000 }), /no responders/)
    assert.ok(Date.now() - began < 1500)
  })
}

export function domainTests(pair) {
  test("the leaf's client uses the hub's JetStream", async () => {
    const manager = await pair.manager('leaf', 'hub')
    await manager.streams.add({ name: 'HUBS', subjects: ['hubs.>'] })
    const ack = await pair.jetstream('leaf', 'hub').publish('hubs.1', 'one')
    assert.deepEqual([ack.stream, ack.seq, ack.domain], ['HUBS', 1, 'hub'])
    await manager.consumers.add('HUBS', { durable_name: 'c', ack_policy: 'explicit' })
    const consumer = await pair.jetstream('leaf', 'hub').consumers.get('HUBS', 'c')
    const message = await consumer.next({ expires: 3000 })
    assert.deepEqual([message.subject, message.string()], ['hubs.1', 'one'])
    assert.equal(await message.ackAck(), true)
    assert.equal((await manager.consumers.info('HUBS', 'c')).num_ack_pending, 0)
  })
  test("the hub's client uses the leaf's JetStream", async () => {
    const manager = await pair.manager('hub', 'edge1')
    await manager.streams.add({ name: 'EDGES', subjects: ['edges.>'] })
    const ack = await eventually('a PubAck', () =>
      pair.jetstream('hub', 'edge1').publish('edges.1', 'one'),
    )
    assert.deepEqual([ack.stream, ack.seq, ack.domain], ['EDGES', 1, 'edge1'])
    await manager.consumers.add('EDGES', { durable_name: 'c', ack_policy: 'explicit' })
    const consumer = await pair.jetstream('hub', 'edge1').consumers.get('EDGES', 'c')
    const message = await consumer.next({ expires: 3000 })
    assert.deepEqual([message.subject, message.string()], ['edges.1', 'one'])
    assert.equal(await message.ackAck(), true)
  })
  test('the two JetStreams stay apart', async () => {
    const names = async (manager) => (await manager.streams.list().next()).map((s) => s.config.name)
    assert.deepEqual(await names(await pair.manager('hub')), ['HUBS'])
    assert.deepEqual(await names(await pair.manager('leaf')), ['EDGES'])
  })
}
