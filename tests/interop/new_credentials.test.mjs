// Credentials for the hub change while the node runs: by setHub(), by a provider that is asked at each dial, and by a
// second page that opens the node with newer ones.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { open } from 'frond'
import { Control, ControlServer, createModule, MemoryStorage } from 'frond/internal'
import { WebSocket } from 'ws'
import { eventually } from './eventually.mjs'
import { Relay } from './relay.mjs'
import { startHub, stock } from './server.mjs'

let hub
let relay
let url
before(async () => {
  hub = await startHub(stock('2.15'))
  relay = await new Relay(hub.ports[2]).start()
  url = `ws://127.0.0.1:${relay.port}`
})
after(async () => {
  relay.close()
  await hub.remove()
})

const right = { user: 'leaf', password: 'secret' }
const wrong = { user: 'leaf', password: 'old' }

async function opened(t, options) {
  const node = await open({ storage: 'memory', ...options })
  t.after(() => node.close())
  const reaches = (state) =>
    eventually(`the link ${state}`, async () => (await node.status()).link.state === state, 45_000)
  return { node, reaches }
}

test('setHub() gives the corrected password, and the link comes at once', async (t) => {
  const { node, reaches } = await opened(t, { hub: { url, domain: 'hub', ...wrong } })
  await reaches('refused')
  const began = Date.now()
  await node.setHub({ url, domain: 'hub', ...right })
  await reaches('online')
  assert.ok(Date.now() - began < 5_000)
})

test('setHub() refuses what open() refuses', async (t) => {
  const { node } = await opened(t, { hub: { url, domain: 'hub', ...wrong } })
  const isOptionsError = { name: 'OptionsError' }
  await assert.rejects(node.setHub({ url, domain: 'hub', usr: 'leaf' }), isOptionsError)
  await assert.rejects(node.setHub({ url: 'http://hub' }), isOptionsError)
  await assert.rejects(node.setHub({ url, credentials: () => right }), isOptionsError)
})

test('a node that was opened without a hub joins the one it is given: outboxes and consumers of before go on', async (t) => {
  const { node, reaches } = await opened(t, { name: 'late' })
  const nc = await node.connect()
  const jsm = await jetstreamManager(nc)
  const metadata = { 'frond.forward': 'hub' }
  await jsm.streams.add({ name: 'OUT', subjects: ['late.>'], metadata })
  await jsm.consumers.add('OUT', { durable_name: 'd', ack_policy: 'explicit' })
  for (let i = 0; i < 20; ++i) await jetstream(nc).publish(`late.${i}`, `${i}`)
  const consumer = await jetstream(nc).consumers.get('OUT', 'd')
  const before = await consumer.next()
  const atHub = await connect({ servers: hub.url })
  t.after(() => atHub.close())
  const hubs = await jetstreamManager(atHub)
  await hubs.streams.add({ name: 'LATE', subjects: ['late.>'] })
  await node.setHub({ url, domain: 'hub', ...right })
  await reaches('online')
  await eventually(
    'the outbox',
    async () => (await hubs.streams.info('LATE')).state.messages === 20,
  )
  assert.equal(await before.ackAck(), true)
  assert.equal(await (await consumer.next()).ackAck(), true)
  assert.equal((await node.sync('OUT')).pending, 0)
  assert.equal((await node.status()).restarts, 0)
})

test('a provider is asked at each dial', async (t) => {
  let asked = 0
  const credentials = async () => {
    asked += 1
    return asked === 1 ? wrong : right
  }
  const { node, reaches } = await opened(t, { hub: { url, domain: 'hub', credentials } })
  await reaches('online')
  assert.ok(asked >= 2)
  relay.cut()
  await reaches('offline')
  relay.restore()
  await reaches('online')
  assert.ok(asked >= 3)
  assert.equal((await node.status()).link.hub.domain, 'hub')
})

test('a provider that fails does not end the node, and is asked again', async (t) => {
  let asked = 0
  const credentials = () => {
    asked += 1
    if (asked === 1) throw new Error('not logged in')
    return right
  }
  const { reaches } = await opened(t, { hub: { url, domain: 'hub', credentials } })
  await reaches('online')
})

test('a second page of the same node brings newer credentials', async (t) => {
  const wasm = new URL('./dist/frond.wasm', import.meta.resolve('frond/package.json'))
  const module = new WebAssembly.Module(readFileSync(wasm))
  const server = new ControlServer({
    owner: 'process',
    loadWasm: async () => ({ create: createModule, module }),
    openStorage: async () => new MemoryStorage('tabs'),
    openSocket: (to) => new WebSocket(to),
  })
  const page = async (credentials) => {
    const { port1, port2 } = new MessageChannel()
    server.attach(port2)
    const control = new Control(port1)
    t.after(async () => {
      await control.close(10_000)
      control.lose(new Error('closed'))
    })
    const hubNow = { url: `${url}/leafnode`, domain: 'hub', ...credentials }
    const storage = { kind: 'memory' }
    await control.open({ name: 'tabs', domain: 'tabs', storage, hub: hubNow })
    return (state) =>
      eventually(
        `the link ${state}`,
        async () => (await control.status()).link.state === state,
        10_000,
      )
  }
  const first = await page(wrong)
  await first('refused')
  const second = await page(right)
  await second('online')
  await first('online')
})
