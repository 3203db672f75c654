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

export function sourceTests(pair) {
  test('several sources, far and near, become one stream, over a cut', async () => {
    const hub = await pair.manager('hub')
    const leaf = await pair.manager('leaf')
    await hub.streams.add({ name: 'PARTS_A', subjects: ['pa.>'] })
    await hub.streams.add({ name: 'PARTS_B', subjects: ['pb.>'] })
    await leaf.streams.add({ name: 'PARTS_HERE', subjects: ['ph.>'] })
    const publish = async (from, to) => {
      for (let i = from; i <= to; i++) {
        await pair.jetstream('hub').publish(`pa.${i % 2}`, `a${i}`)
        await pair.jetstream('hub').publish(`pb.x.${i}`, `b${i}`)
        await pair.jetstream('leaf').publish(`ph.${i}`, `h${i}`)
      }
    }
    await publish(1, 6)
    const external = { api: '$JS.hub.API', deliver: '' }
    await leaf.streams.add({
      name: 'WHOLE',
      sources: [
        { name: 'PARTS_A', filter_subject: 'pa.1', external },
        {
          name: 'PARTS_B',
          opt_start_seq: 3,
          subject_transforms: [{ src: 'pb.*.*', dest: 'whole.$2.{{wildcard(1)}}' }],
          external,
        },
        { name: 'PARTS_HERE', opt_start_seq: 2 },
      ],
    })
    const wanted = (last) => {
      const all = []
      for (let i = 1; i <= last; i++) {
        if (i % 2) all.push(`pa.1 a${i} ${i} pa.1 >`)
        if (i >= 3) all.push(`whole.${i}.x b${i} ${i} pb.*.* whole.$2.{{wildcard(1)}}`)
        if (i >= 2) all.push(`ph.${i} h${i} ${i} > >`)
      }
      return all.sort()
    }
    const whole = async () => {
      const { state } = await leaf.streams.info('WHOLE')
      const all = []
      for (let seq = 1; seq <= state.last_seq; seq++) {
        const message = await leaf.streams.getMessage('WHOLE', { seq })
        const [origin, ...words] = message.header.get('Nats-Stream-Source').split(' ')
        assert.match(origin, /^(PARTS_A:\w{8}|PARTS_B:\w{8}|PARTS_HERE)$/)
        all.push(`${message.subject} ${message.string()} ${words.slice(0, 3).join(' ')}`)
      }
      return all.sort()
    }
    const settled = (last) =>
      eventually(
        'all sources',
        async () => {
          assert.deepEqual(await whole(), wanted(last))
          return true
        },
        60_000,
      )
    await settled(6)
    const { sources } = await leaf.streams.info('WHOLE')
    assert.deepEqual(sources.map(({ name, lag, error }) => [name, lag, error]).sort(), [
      ['PARTS_A', 0, undefined],
      ['PARTS_B', 0, undefined],
      ['PARTS_HERE', 0, undefined],
    ])
    assert.ok(sources.every(({ active }) => active >= 0))
    pair.relay.cut()
    await publish(7, 10)
    await sleep(300)
    pair.relay.restore()
    await settled(10)
    await pair.leaf.kill()
    await publish(11, 12).catch(() => {}) // The leaf's own are refused.
    await pair.leaf.start()
    await eventually('the client is back', () => pair.atLeaf.flush().then(() => true))
    const { state } = await leaf.streams.info('PARTS_HERE')
    for (let i = state.last_seq + 1; i <= 12; i++)
      await pair.jetstream('leaf').publish(`ph.${i}`, `h${i}`)
    for (const [stream, letter, subject] of [
      ['PARTS_A', 'a', (i) => `pa.${i % 2}`],
      ['PARTS_B', 'b', (i) => `pb.x.${i}`],
    ]) {
      const last = (await hub.streams.info(stream)).state.last_seq
      for (let i = last + 1; i <= 12; i++)
        await pair.jetstream('hub').publish(subject(i), `${letter}${i}`)
    }
    await settled(12)
  })
}

/** The hub is a stock one: ours reads from its own hub, and not from nodes that have joined it. */
export function fromUsTests(pair) {
  test('the hub mirrors and sources a stream of the leaf', async () => {
    const hub = await pair.manager('hub')
    const leaf = await pair.manager('leaf')
    await leaf.streams.add({ name: 'OURS', subjects: ['ours.>'] })
    const publish = async (from, to) => {
      for (let i = from; i <= to; i++) await pair.jetstream('leaf').publish(`ours.${i}`, `${i}`)
    }
    await publish(1, 10)
    const external = { api: '$JS.edge1.API', deliver: '' }
    await hub.streams.add({ name: 'OURS_COPY', mirror: { name: 'OURS', external } })
    await hub.streams.add({
      name: 'OURS_PART',
      sources: [{ name: 'OURS', filter_subject: 'ours.*', opt_start_seq: 4, external }],
    })
    const arrived = async (last) => {
      const numbers = (first) => Array.from({ length: last - first + 1 }, (_, i) => `${first + i}`)
      for (const [stream, first] of [
        ['OURS_COPY', 1],
        ['OURS_PART', 4],
      ]) {
        await eventually(
          stream,
          async () => {
            const bodies = (await contents(hub, stream)).map(([, , body]) => body)
            assert.deepEqual(bodies, numbers(first))
            return true
          },
          60_000,
        )
      }
    }
    await arrived(10)
    pair.relay.cut()
    await publish(11, 20)
    pair.relay.restore()
    await arrived(20)
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
