// A hub, a leaf that joined it over WebSocket through a relay that can be cut, and a client on each.
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { eventually } from './eventually.mjs'
import { Relay } from './relay.mjs'
import { startHub, startLeaf } from './server.mjs'

const reconnectForEver = {
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
  waitOnFirstConnect: true,
}

export class JoinedPair {
  async start(hubBinary, leafBinary, { password = 'secret' } = {}) {
    this.hub = await startHub(hubBinary)
    this.relay = await new Relay(this.hub.ports[2]).start()
    const url = `ws://leaf:${password}@127.0.0.1:${this.relay.port}/leafnode`
    this.leaf = await startLeaf(leafBinary, url)
    this.atHub = await connect({ servers: this.hub.url, ...reconnectForEver })
    this.atLeaf = await connect({ servers: this.leaf.url, ...reconnectForEver })
    return this
  }

  /** Resolves when a request from the leaf's side is answered by the hub's JetStream. */
  async linked(ms = 30_000) {
    await eventually(
      'the link',
      async () => (await this.atLeaf.request('$JS.hub.API.INFO', '', { timeout: 500 })).json().type,
      ms,
    )
  }

  manager(side, domain) {
    const nc = side === 'hub' ? this.atHub : this.atLeaf
    return jetstreamManager(nc, { domain, checkAPI: false, timeout: 5000 })
  }
  jetstream(side, domain) {
    const nc = side === 'hub' ? this.atHub : this.atLeaf
    return jetstream(nc, { domain, timeout: 5000 })
  }

  async end() {
    await Promise.all([this.atHub?.close(), this.atLeaf?.close()])
    this.relay?.close()
    await Promise.all([this.leaf?.remove(), this.hub?.remove()])
  }
}

/** All messages of a stream as [seq, subject, text], read one by one as any client can. */
export async function contents(manager, stream) {
  const { state } = await manager.streams.info(stream)
  const all = []
  for (let seq = state.first_seq; seq !== 0 && seq <= state.last_seq; seq++) {
    const message = await manager.streams.getMessage(stream, { seq }).catch((error) => {
      if (error.code !== 10037) throw error
    })
    if (message) all.push([message.seq, message.subject, message.string()])
  }
  return all
}
