// How long messages that were queued without a network take to the hub once it is back: one contestant, a relay with a
// given round trip, and a stock nats-server as the hub. Used by the benchmark and by the check of the speed budget.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { eventually } from '../../interop/eventually.mjs'
import { PackageProcess } from '../../interop/package_child.mjs'
import { Relay } from '../../interop/relay.mjs'
import { startHub, startLeaf, stock } from '../../interop/server.mjs'

const reconnect = { maxReconnectAttempts: -1, reconnectTimeWait: 100 }
const out = { name: 'OUT', subjects: ['out.>'] }
const forwarded = { ...out, metadata: { 'frond.forward': 'hub' } }
const atHub = { name: 'ALL', subjects: ['out.>'] }
const sourced = { name: 'ALL', sources: [{ name: 'OUT', external: { api: '$JS.edge1.API' } }] }

/** A server process as the leaf. */
const leafServer = (binary, config, hubConfig) => ({
  hubConfig,
  async start(port) {
    const leaf = await startLeaf(binary, `ws://leaf:secret@127.0.0.1:${port}/leafnode`)
    const nc = await connect({ servers: leaf.url, ...reconnect })
    await (await jetstreamManager(nc)).streams.add(config)
    const js = jetstream(nc)
    return {
      async queue(count, bytes) {
        const body = new Uint8Array(bytes).fill(120)
        const publish = () => js.publish('out.a', body, { timeout: 60_000 })
        for (let left = count; left > 0; left -= 500) {
          await Promise.all(Array.from({ length: Math.min(left, 500) }, publish))
        }
      },
      async end() {
        await nc.close()
        await leaf.remove()
      },
    }
  },
})

const packageInNode = {
  hubConfig: atHub,
  async start(port) {
    const directory = mkdtempSync(join(tmpdir(), 'frond-drain-'))
    const node = await new PackageProcess(directory, `ws://127.0.0.1:${port}`).start()
    await node.do('stream', { config: forwarded })
    return {
      queue: (count, bytes) => node.do('queue', { subject: 'out.a', count, bytes }),
      async end() {
        await node.kill()
        rmSync(directory, { recursive: true, force: true })
      },
    }
  },
}

export const contestants = {
  'frond-server': (binary) => leafServer(binary, forwarded, atHub),
  'package in Node.js': () => packageInNode,
  'nats-server leaf': () => leafServer(stock('2.15'), out, sourced),
}

/** Milliseconds from the network's return to the first queued message at the hub, and from there to the last. */
export async function drain(contestant, { count, bytes = 230, roundTrip = 0 }) {
  const hub = await startHub(stock('2.15'))
  const relay = await new Relay(hub.ports[2], { roundTrip }).start()
  const nc = await connect({ servers: hub.url, ...reconnect })
  let leaf
  try {
    const jsm = await jetstreamManager(nc)
    leaf = await contestant.start(relay.port)
    await jsm.streams.add(contestant.hubConfig)
    const stored = async () => (await jsm.streams.info('ALL')).state.messages
    // Linked once, and known to each other.
    await leaf.queue(1, bytes)
    await eventually('the first message', async () => (await stored()) === 1, 60_000)
    relay.cut()
    await leaf.queue(count, bytes)
    await sleep(500)
    const from = performance.now()
    relay.restore()
    let first
    while ((await stored()) < count + 1) {
      if (first === undefined && (await stored()) > 1) first = performance.now()
      if (performance.now() - from > 120_000) throw new Error('the queue does not drain')
      await sleep(4)
    }
    const last = performance.now()
    return { link: (first ?? last) - from, drain: last - (first ?? last) }
  } finally {
    await leaf?.end()
    await nc.close()
    relay.close()
    await hub.remove()
  }
}
