// Leaf links between stock nats-servers and frond-server, in both roles, over WebSocket: what a client on one side can
// do with the other, and what survives cuts, kills and restarts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from './eventually.mjs'
import { contents, JoinedPair } from './joined_pair.mjs'
import { frond, stock } from './server.mjs'

const text = (message) => Buffer.from(message.data).toString()

const pairs = [
  {
    title: 'frond joins nats-server 2.15',
    hub: () => stock('2.15'),
    leaf: () => frond,
    forwards: true,
  },
  {
    title: 'frond joins nats-server 2.10',
    hub: () => stock('2.10'),
    leaf: () => frond,
    forwards: true,
  },
  { title: 'frond joins frond', hub: () => frond, leaf: () => frond, forwards: true },
  { title: 'nats-server 2.15 joins frond', hub: () => frond, leaf: () => stock('2.15') },
  { title: 'nats-server 2.10 joins frond', hub: () => frond, leaf: () => stock('2.10') },
]
if (process.env.FROND_INTEROP_BASELINE) {
  // Shows that the script itself is right: two stock servers.
  pairs.unshift({
    title: 'nats-server joins nats-server',
    hub: () => stock('2.15'),
    leaf: () => stock('2.15'),
  })
}

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

function coreTests(pair) {
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

function domainTests(pair) {
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

function mirrorTests(pair) {
  test('a mirror with a filter follows, and resumes after a cut', async () => {
    const hub = await pair.manager('hub')
    const leaf = await pair.manager('leaf')
    await hub.streams.add({ name: 'FEED', subjects: ['feed.>'] })
    const publish = async (from, to) => {
      for (let i = from; i <= to; i++)
        await pair.jetstream('hub').publish(`feed.${i % 2}.x`, `${i}`)
    }
    await publish(1, 10)
    await leaf.streams.add({
      name: 'FEED_HERE',
      mirror: {
        name: 'FEED',
        filter_subject: 'feed.1.>',
        external: { api: '$JS.hub.API', deliver: '' },
      },
    })
    const wanted = async (count) => {
      const all = await contents(hub, 'FEED')
      const expected = all.filter(([, subject]) => subject.startsWith('feed.1.'))
      assert.equal(expected.length, count)
      await eventually(
        'the mirror',
        async () => {
          const { state } = await leaf.streams.info('FEED_HERE')
          return state.messages === count
        },
        60_000,
      )
      const got = await Promise.all(
        expected.map(async ([seq]) => {
          const message = await leaf.streams.getMessage('FEED_HERE', { seq })
          return [message.seq, message.subject, message.string()]
        }),
      )
      assert.deepEqual(got, expected)
    }
    await wanted(5)
    pair.relay.cut()
    await publish(11, 20)
    await sleep(300)
    assert.equal((await leaf.streams.info('FEED_HERE')).state.messages, 5)
    pair.relay.restore()
    await wanted(10)
  })
}

function forwardTests(pair) {
  test('a forward stream arrives once and in order, over a cut, a kill and a restart', async () => {
    const hub = await pair.manager('hub')
    const leaf = await pair.manager('leaf')
    await hub.streams.add({ name: 'OUTBOX', subjects: ['outbox.>'] })
    await leaf.streams.add({
      name: 'OUT',
      subjects: ['outbox.>'],
      metadata: { 'frond.forward': 'hub' },
    })
    let count = 0
    const publish = async (n) => {
      for (let i = 0; i < n; i++) {
        count += 1
        const ack = await pair.jetstream('leaf').publish(`outbox.${count % 3}`, `${count}`)
        assert.equal(ack.stream, 'OUT')
        assert.equal(ack.seq, count)
      }
    }
    const arrived = async () => {
      await eventually(
        'the outbox',
        async () => {
          const { state } = await hub.streams.info('OUTBOX')
          return state.messages >= count
        },
        60_000,
      )
      await sleep(500)
      const expected = Array.from({ length: count }, (_, i) => `${i + 1}`)
      assert.deepEqual(
        (await contents(hub, 'OUTBOX')).map(([, , body]) => body),
        expected,
      )
    }
    await publish(20)
    await arrived()
    pair.relay.cut()
    await publish(20)
    await pair.leaf.kill()
    await pair.leaf.start()
    await eventually('the client is back', () => pair.atLeaf.flush().then(() => true))
    assert.equal((await leaf.streams.info('OUT')).state.messages, count)
    await publish(5)
    pair.relay.restore()
    await arrived()
    // Cut and killed in the middle of forwarding.
    for (let round = 0; round < 3; round++) {
      await publish(10)
      pair.relay.cut()
      await pair.leaf.kill()
      pair.relay.restore()
      await pair.leaf.start()
      await eventually('the client is back', () => pair.atLeaf.flush().then(() => true))
    }
    await arrived()
  })
  test('the hub is killed and comes back', async () => {
    const hub = await pair.manager('hub')
    const before_ = (await hub.streams.info('OUTBOX')).state.messages
    await pair.hub.kill()
    for (let i = 0; i < 10; i++) await pair.jetstream('leaf').publish('outbox.later', `later ${i}`)
    await pair.hub.start()
    await eventually(
      'the outbox',
      async () => {
        const { state } = await hub.streams.info('OUTBOX')
        return state.messages >= before_ + 10
      },
      60_000,
    )
    await sleep(500)
    const bodies = (await contents(hub, 'OUTBOX')).map(([, , body]) => body)
    assert.equal(bodies.length, before_ + 10)
    assert.deepEqual(
      bodies.slice(before_),
      Array.from({ length: 10 }, (_, i) => `later ${i}`),
    )
  })
}

for (const { title, hub, leaf, forwards } of pairs) {
  describe(title, () => {
    const pair = new JoinedPair()
    before(
      async () => {
        await pair.start(hub(), leaf())
        await pair.linked()
      },
      { timeout: 60_000 },
    )
    after(() => pair.end())
    coreTests(pair)
    domainTests(pair)
    mirrorTests(pair)
    if (forwards) forwardTests(pair)
    test('while the link is cut, requests beyond it fail at once', async () => {
      const service = pair.atHub.subscribe('far', { callback: (_, m) => m.respond('yes') })
      await eventually('an answer', () => pair.atLeaf.request('far', '', { timeout: 500 }))
      pair.relay.cut()
      await eventually('no responders', () =>
        pair.atLeaf.request('far', '', { timeout: 500 }).then(
          () => false,
          (error) => /no responders/.test(error.message),
        ),
      )
      pair.relay.restore()
      await eventually(
        'an answer again',
        () => pair.atLeaf.request('far', '', { timeout: 500 }),
        60_000,
      )
      service.unsubscribe()
    })
  })
}

describe('a wrong password', () => {
  for (const [name, hub] of [
    ['nats-server 2.15', () => stock('2.15')],
    ['frond', () => frond],
  ]) {
    test(`is refused by ${name}, and the leaf says so`, async () => {
      const pair = new JoinedPair()
      try {
        await pair.start(hub(), frond, { password: 'wrong' })
        await eventually('the refusal in the log', () => /refused/i.test(pair.leaf.log))
        assert.match(pair.leaf.log, /Authorization Violation/)
        await assert.rejects(pair.atLeaf.request('$JS.hub.API.INFO', '', { timeout: 500 }))
      } finally {
        await pair.end()
      }
    })
  }
})
