/** An open node, as the app holds it. The same class in a page and in Node.js. */
import {
  type ConnectionOptions,
  type NatsConnection,
  type WsConnectionOptions,
  wsconnect,
} from '@nats-io/nats-core'
import type { NodeEvent, NodeStatus, SyncInfo } from '../../web/engine-worker/status.js'
import { closeMillisMax, controlMillisMax } from '../../web/limits.js'
import { within } from '../../web/storage/storage.js'
import type { Control } from './control.js'
import { fromWireError, NodeClosedError, OptionsError, RequestError } from './errors.js'
import { EventQueue } from './event_queue.js'
import { Live } from './live.js'
import { type HubOptions, hubSettings } from './options.js'
import { PortSocket } from './port_socket.js'
import { query, requestTo } from './query.js'
import type { LiveOptions, QueryOptions, QueryResult } from './query_types.js'

/** Options of a connection to the node; where it connects to and when it gives up are the node's. */
export type ConnectOptions = Omit<
  ConnectionOptions,
  'servers' | 'port' | 'tls' | 'maxReconnectAttempts' | 'reconnect' | 'authenticator'
>

/** The node's way to the hub, apart from what it is doing anyway. */
export interface Link {
  /** Cuts the link; the node goes on alone until it is resumed. */
  pause(): Promise<void>
  resume(): Promise<void>
}

// A restarted engine is back within tens of milliseconds; nats.js's own pause is two seconds.
const reconnectMillis = 50
const reconnectJitterMillis = 50

export class FrondNode {
  /** The device's name, also where it was made up. */
  readonly name: string
  /** JetStream domain of this node. */
  readonly domain: string
  readonly link: Link
  private readonly control: Control
  private readonly release: () => void
  private readonly readers = new EventQueue()
  private readonly connections = new Set<NatsConnection>()
  private readonly sockets = new Set<PortSocket>()
  private own: Promise<NatsConnection> | undefined
  private closing: Promise<void> | undefined
  /** Why the node has ended by itself. */
  private lost: Error | undefined
  /** Rejects then: nats-core would wait 20 s for a socket that nobody answers any more. */
  private readonly ended: Promise<never>
  private tellEnded!: (error: Error) => void

  /** @internal Made by open(). `release` lets go of what the page holds for the node. */
  constructor(name: string, domain: string, control: Control, release: () => void) {
    this.name = name
    this.domain = domain
    this.control = control
    this.release = release
    this.ended = new Promise((_, reject) => {
      this.tellEnded = reject
    })
    this.ended.catch(() => undefined)
    this.link = { pause: () => control.link('pause'), resume: () => control.link('resume') }
    control.onEvent = (event) => {
      if (event.type === 'lost') this.cut(fromWireError(event))
      this.readers.publish(event)
    }
  }

  /** A NATS connection to this node, by the official client; it reconnects for as long as the node is open. */
  async connect(options: ConnectOptions = {}): Promise<NatsConnection> {
    this.demandOpen()
    const dialled = wsconnect({
      reconnectTimeWait: reconnectMillis,
      reconnectJitter: reconnectJitterMillis,
      reconnectJitterTLS: reconnectJitterMillis,
      ...options,
      servers: [`ws://${this.name.toLowerCase()}.frond.invalid`],
      ignoreClusterUpdates: true,
      maxReconnectAttempts: -1,
      wsFactory: async () => ({ socket: this.dial(), encrypted: false }),
    } satisfies WsConnectionOptions)
    const connection = await Promise.race([dialled, this.ended]).catch((error) => {
      void dialled.then((late) => late.close()).catch(() => undefined)
      throw this.lost ?? error
    })
    this.connections.add(connection)
    void connection.closed().then(() => this.connections.delete(connection))
    try {
      this.demandOpen()
    } catch (error) {
      await connection.close()
      throw error
    }
    return connection
  }

  /**
   * Other credentials for the hub, which the next dial uses; or another hub, or the first one of a node
   * that was opened without, which is dialled at once.
   */
  async setHub(hub: Omit<HubOptions, 'credentials'>): Promise<void> {
    this.demandOpen()
    const settings = hubSettings(hub, this.domain)
    if ('credentials' in hub) throw new OptionsError('hub.credentials: is an option of open() only')
    await this.control.setHub(settings)
    // What a provider would say is of before.
    this.control.onAskHub &&= (ask) => this.control.answerHub(ask, { hub: settings })
  }

  status(): Promise<NodeStatus> {
    return this.control.status()
  }

  /**
   * How the stream is synced with the hub, and what became of these of its messages (sequences, 256 at
   * most); rejects with RequestError when it is not synced.
   */
  async sync(stream: string, messages: number[] = []): Promise<SyncInfo> {
    if (!Array.isArray(messages)) throw new RequestError('messages: are no sequences')
    const asked = messages.length > 0 ? JSON.stringify({ seqs: messages }) : ''
    const subject = requestTo('SYNC.INFO', stream)
    const connection = await this.ownConnection()
    const answer = await connection.request(subject, asked, { timeout: controlMillisMax })
    const { type: _, error, ...info } = answer.json<SyncInfo & { type: string; error?: ApiError }>()
    if (error !== undefined) throw new RequestError(error.description, error.err_code ?? error.code)
    return info
  }

  /** The documents of a stream or KV bucket (`KV_<bucket>`) that a selector finds, or what they come to: docs/query.md. */
  async query<T = unknown>(stream: string, options: QueryOptions<T> = {}): Promise<QueryResult<T>> {
    return query<T>(await this.ownConnection(), stream, options)
  }

  /**
   * The same as a query that goes on: the rows, and again after each change, by whomever and in whichever tab. Iterated
   * over, or given to a callback; a slow reader gets the newest rows, not all in between.
   */
  live<T = unknown>(stream: string, options: LiveOptions<T> = {}): Live<T> {
    return new Live<T>(() => this.ownConnection(), stream, options)
  }

  /** What happens to the node, from now on: link, synced streams, storage, damaged blocks, restarts. */
  events(): AsyncIterableIterator<NodeEvent> {
    return this.readers.read()
  }

  /**
   * Lets what was published before be acknowledged, within 10 s; then closes the connections, waits for
   * the last commit and lets go of the storage.
   */
  close(): Promise<void> {
    this.closing ??= this.end()
    return this.closing
  }

  /** @internal The worker has gone: nothing answers any more. */
  lose(error: Error): void {
    this.closing ??= Promise.resolve()
    this.control.lose(error)
    this.cut(error)
    this.readers.end()
    this.release()
  }

  private async ownConnection(): Promise<NatsConnection> {
    this.demandOpen()
    this.own ??= this.connect({ name: 'frond' })
    return this.own
  }

  /** No connection can be had any more, nor kept. */
  private cut(error: Error): void {
    this.lost = error
    this.tellEnded(error)
    for (const socket of [...this.sockets]) socket.lose(error.message)
    for (const connection of this.connections) void connection.close()
  }

  private demandOpen(): void {
    if (this.lost !== undefined) throw this.lost
    if (this.closing !== undefined) throw new NodeClosedError('the node is closed')
  }

  private async end(): Promise<void> {
    const late = (): Error => new NodeClosedError('the node is closed')
    await within(closeMillisMax, this.settle(), late).catch(() => undefined)
    await Promise.all([...this.connections].map((connection) => connection.close()))
    try {
      await this.control.close(2 * closeMillisMax)
    } finally {
      this.control.lose(new NodeClosedError('the node is closed'))
      for (const socket of [...this.sockets]) socket.lose('the node is closed')
      this.readers.end()
      this.release()
    }
  }

  /** What clients have written is read, stored or refused, and what they are told of it is here. */
  private async settle(): Promise<void> {
    const flush = (): Promise<unknown> =>
      Promise.allSettled([...this.connections].map((connection) => connection.flush()))
    await flush()
    await this.control.settle()
    await flush()
  }

  /**
   * Answers at once, as a WebSocket does, and fails later: nats-core ends neither a dial nor a
   * connection whose socket it does not have yet.
   */
  private dial(): WebSocket {
    const { port1, port2 } = new MessageChannel()
    const socket: PortSocket = new PortSocket(port1, () => this.sockets.delete(socket))
    this.sockets.add(socket)
    this.control.connect(port2).catch((error: Error) => socket.fail(error.message))
    // nats-core's types ask for the whole WebSocket; its transport uses what PortSocket has.
    return socket as unknown as WebSocket
  }
}

interface ApiError {
  code: number
  err_code?: number
  description: string
}
