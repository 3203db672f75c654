// Leaf links between stock nats-servers and frond-server, in both roles, over WebSocket: what a client on one side can
// do with the other, and what survives cuts, kills and restarts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from './eventually.mjs'
import { JoinedPair } from './joined_pair.mjs'
import { coreTests, domainTests } from './script/leaf_core.mjs'
import { forwardTests, fromUsTests, mirrorTests, sourceTests } from './script/leaf_sync.mjs'
import { frond, stock } from './server.mjs'

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
    sourceTests(pair)
    if (hub() !== frond) fromUsTests(pair)
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
