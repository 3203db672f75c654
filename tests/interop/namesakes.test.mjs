// A device that has a stream and a consumer of the same names as its hub has, as an app with a mirror easily gets: an
// ack reaches the consumer that delivered, and no other.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { open } from 'frond'
import { eventually } from './eventually.mjs'
import { frond, startHub, stock } from './server.mjs'

const consumer = { durable_name: 'worker', ack_policy: AckPolicy.Explicit }

/** Takes one message of WORK by its consumer and has the ack confirmed; its text. */
async function workOff(js) {
  const message = await (await js.consumers.get('WORK', 'worker')).next({ expires: 5_000 })
  assert.ok(message, 'a message')
  assert.ok(await message.ackAck(), 'a confirmed ack')
  return message.string()
}

const floor = async (manager) =>
  (await manager.consumers.info('WORK', 'worker')).ack_floor.stream_seq

for (const [name, binary] of [
  ['nats-server 2.15', () => stock('2.15')],
  ['nats-server 2.10', () => stock('2.10')],
  ['frond-server', () => frond],
]) {
  describe(`streams and consumers of one name here and at ${name}`, () => {
    test('each takes the acks for what it delivered, from either side', async () => {
      const hub = await startHub(binary())
      const url = `ws://127.0.0.1:${hub.ports[2]}`
      const node = await open({
        name: 'edge1',
        storage: 'memory',
        hub: { url, domain: 'hub', user: 'leaf', password: 'secret' },
      })
      const atHub = await connect({ servers: hub.url })
      const here = await node.connect()
      try {
        const options = { checkAPI: false }
        const managers = {
          hub: await jetstreamManager(atHub, options),
          device: await jetstreamManager(here, options),
        }
        for (const [side, manager] of Object.entries(managers)) {
          await manager.streams.add({ name: 'WORK', subjects: [`work.${side}`] })
          await manager.consumers.add('WORK', consumer)
        }
        for (const text of ['1', '2', '3']) {
          await jetstream(atHub).publish('work.hub', `hub ${text}`)
          await jetstream(here).publish('work.device', `device ${text}`)
        }
        await eventually('the link', async () => (await node.status()).link.state === 'online')

        assert.equal(await workOff(jetstream(here, { domain: 'hub' })), 'hub 1')
        assert.equal(await workOff(jetstream(here)), 'device 1')
        assert.deepEqual([await floor(managers.hub), await floor(managers.device)], [1, 1])

        assert.equal(await workOff(jetstream(atHub, { domain: 'edge1' })), 'device 2')
        assert.equal(await workOff(jetstream(here, { domain: 'hub' })), 'hub 2')
        assert.equal(await workOff(jetstream(here, { domain: 'hub' })), 'hub 3')
        assert.deepEqual([await floor(managers.hub), await floor(managers.device)], [3, 2])
      } finally {
        await Promise.all([atHub.close(), here.close()])
        await node.close()
        await hub.remove()
      }
    })
  })
}
