// Who joins a hub as a leaf in the benchmarks of the link: each is a hub with a stream, a relay before it, and a leaf
// with a stream of its own that the hub's is to follow. `queue()` stores a message at the leaf and tells when it is in the
// hub's stream, which says so by republishing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Relay } from '../../interop/relay.mjs'
import { frond, startHub, startLeaf, stock } from '../../interop/server.mjs'

const patient = { maxReconnectAttempts: -1, reconnectTimeWait: 100, timeout: 10_000 }

class Pair {
  /** By what a message says: who waits for it. */
  #waiting = new Map()
  #count = 0
  #ends = []

  /** `overTcp`: the leaf does not come by WebSocket. */
  async begin(leaf, { sources = false, overTcp = false, roundTrip = 0, compression = false }) {
    this.hub = await startHub(stock('2.15'), { compression })
    this.#ends.push(() => this.hub.remove())
    this.relay = await new Relay(this.hub.ports[overTcp ? 1 : 2], { roundTrip }).start()
    this.#ends.push(() => this.relay.close())
    const { nc, end } = await leaf(this.relay.port, overTcp)
    this.#ends.push(end)
    this.atHub = await connect({ servers: this.hub.url, ...patient })
    this.#ends.push(() => this.atHub.close())
    this.atLeaf = nc
    const hub = await jetstreamManager(this.atHub)
    this.hubManager = hub
    const from = sources
      ? { sources: [{ name: 'OUT', external: { api: '$JS.edge1.API' } }] }
      : { subjects: ['entries.>'] }
    await hub.streams.add({ name: 'ENTRIES', ...from, republish: { src: '>', dest: 'stored.>' } })
    this.atHub.subscribe('stored.>', {
      callback: (_, message) => {
        const text = message.string().trim()
        this.#waiting.get(text)?.(performance.now())
        this.#waiting.delete(text)
      },
    })
    const jsm = await jetstreamManager(nc, { checkAPI: false })
    this.manager = jsm
    const metadata = sources ? {} : { 'frond.forward': 'hub' }
    await jsm.streams.add({ name: 'OUT', subjects: ['entries.>'], metadata })
    this.js = jetstream(nc)
    await (await this.queue()).arrived
    return this
  }

  /** Of `bytes` bytes; resolved when the leaf has acknowledged it. */
  async queue(bytes = 0) {
    const text = String(++this.#count)
    const arrived = new Promise((resolve) => this.#waiting.set(text, resolve))
    await this.js.publish('entries.a', text.padEnd(bytes), { timeout: 10_000 })
    return { arrived }
  }

  async end() {
    for (const end of this.#ends.reverse()) await end()
  }
}

const server = (binary) => async (port, overTcp) => {
  const url = overTcp
    ? `nats-leaf://leaf:secret@127.0.0.1:${port}`
    : `ws://leaf:secret@127.0.0.1:${port}/leafnode`
  const leaf = await startLeaf(binary, url)
  const nc = await connect({ servers: leaf.url, ...patient })
  const end = async () => {
    await nc.close()
    await leaf.remove()
  }
  return { nc, end }
}

async function packageNode(port) {
  const { open } = await import('frond')
  const directory = mkdtempSync(join(tmpdir(), 'frond-bench-'))
  const node = await open({
    name: 'edge1',
    storage: { directory },
    hub: { url: `ws://127.0.0.1:${port}`, domain: 'hub', user: 'leaf', password: 'secret' },
  })
  const nc = await node.connect()
  const end = async () => {
    await node.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { nc, end }
}

export const contestants = {
  'frond-server': (options = {}) => new Pair().begin(server(frond), options),
  package: (options = {}) => new Pair().begin(packageNode, options),
  'nats-server': (options = {}) =>
    new Pair().begin(server(stock('2.15')), { ...options, sources: true }),
}
