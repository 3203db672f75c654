// What streams do over a link: mirrors, and what a leaf of ours forwards.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../eventually.mjs'
import { contents } from '../joined_pair.mjs'

export function mirrorTests(pair) {
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

export function forwardTests(pair) {
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
