/**
 * The node as the worker runs it: one engine, its storage and its connections, for any number of
 * pages. After each input the outputs that gathered are posted and the timer is
 * set anew. A trap closes every port and starts a new instance from the log; the pages' NATS
 * clients see a lost connection and come back. When the storage is another owner's, or gone, the
 * node ends for good: it acknowledges nothing any more, and leaves the link to who has its name now.
 */
import { closeMillisMax, healthyMillis, restartMillisMax, restartMillisMin } from '../limits.js'
import {
  type FileOperation,
  type StorageBackend,
  StorageError,
  within,
} from '../storage/storage.js'
import { Alarm } from './alarm.js'
import { refusePort } from './client_port.js'
import { Connections } from './connections.js'
import { type AskHub, HubAccess } from './hub_access.js'
import {
  type HubSettings,
  type LinkStatus,
  type NodeEvent,
  type NodeSettings,
  type NodeStatus,
  toWireError,
} from './messages.js'
import { eventOf } from './notices.js'
import { loadAndOpen, type Platform } from './platform.js'
import { type SyncInfos, SyncWatch } from './sync_watch.js'
import { type Outputs, WasmNode, type WasmSource } from './wasm_node.js'

export class NodeServer {
  private readonly opened: NodeSettings
  private readonly platform: Platform
  private readonly storage: StorageBackend
  private readonly source: WasmSource
  private readonly hub: HubAccess
  private readonly onEvent: (event: NodeEvent) => void
  private node: WasmNode | undefined
  private readonly connections: Connections
  private readonly syncs: SyncWatch
  /** Ports that came while the engine was being restarted. */
  private waiting: { handle: number; port: MessagePort }[] = []
  private lastHandle = 0
  private committing: Promise<void> | undefined
  private readonly alarm = new Alarm(() => this.input((node) => node.tick()))
  private startedAt = 0
  private restarts = 0
  private restartDelay = 0
  private linkPaused = false
  private closing = false
  private whenIdle: (() => void) | undefined

  private constructor(
    settings: NodeSettings,
    platform: Platform,
    storage: StorageBackend,
    source: WasmSource,
    onEvent: (event: NodeEvent) => void,
    askHub: AskHub,
  ) {
    this.opened = settings
    this.platform = platform
    this.storage = storage
    this.source = source
    this.onEvent = onEvent
    storage.tenure.onLost = (error) => void this.afterCommit().then(() => this.lose(error))
    this.connections = new Connections((call) => this.input(call), platform.openSocket)
    this.syncs = new SyncWatch(() => this.engineStatus().sync ?? {}, onEvent)
    this.hub = new HubAccess(settings.hub, askHub)
    this.hub.onChange = (hub) =>
      this.input((node) => {
        node.changeHub(hub)
        // A node that had no hub has nothing that could be paused before.
        if (this.linkPaused) node.pauseLink()
      })
    this.hub.onFailure = (text) => onEvent({ type: 'log', text })
  }

  /** Takes the storage, loads it and recovers the engine. */
  static async start(
    settings: NodeSettings,
    platform: Platform,
    onEvent: (event: NodeEvent) => void,
    askHub: AskHub = async () => undefined,
  ): Promise<NodeServer> {
    const [source, storage] = await loadAndOpen(platform, settings)
    try {
      const server = new NodeServer(settings, platform, storage, source, onEvent, askHub)
      await server.launch()
      if (server.lost !== undefined) throw server.lost
      if (server.node === undefined) throw new Error('the engine trapped while it recovered')
      return server
    } catch (error) {
      await storage.close()
      throw error
    }
  }

  /** What the node was opened with, and the hub as it is now. */
  get settings(): NodeSettings {
    const { hub } = this
    return hub.settings === undefined ? this.opened : { ...this.opened, hub: hub.settings }
  }

  /** There is a hub now, or it is elsewhere, or wants other credentials. */
  async setHub(hub: HubSettings): Promise<void> {
    if (this.hub.settings === undefined) await this.storage.claimName?.()
    this.hub.set(hub)
  }

  /** Why the node has ended by itself: its storage is another owner's, or gone. */
  get lost(): Error | undefined {
    return this.storage.tenure.lost
  }

  /** A client of a page; answers the handle that disconnect() takes. */
  connect(port: MessagePort): number {
    if (this.lost !== undefined) throw this.lost
    const handle = ++this.lastHandle
    if (this.node === undefined) this.waiting.push({ handle, port })
    else this.connections.accept(handle, port)
    return handle
  }

  /** The page of this client is gone. */
  disconnect(handle: number): void {
    this.waiting = this.waiting.filter((entry) => entry.handle !== handle)
    this.connections.disconnect(handle)
  }

  async status(): Promise<NodeStatus> {
    const engine = this.engineStatus()
    const storage = await this.storage.status()
    if (this.lost !== undefined) storage.lost = this.lost.message
    return {
      name: this.settings.name,
      domain: this.settings.domain,
      storage,
      link: engine.link ?? { state: this.settings.hub ? 'connecting' : 'none' },
      owner: this.platform.owner,
      streams: engine.streams ?? 0,
      restarts: this.restarts,
    }
  }

  pauseLink(): void {
    this.linkPaused = true
    this.input((node) => node.pauseLink())
  }

  resumeLink(): void {
    this.linkPaused = false
    this.input((node) => node.resumeLink())
  }

  networkHint(online: boolean): void {
    this.input((node) => node.networkHint(online))
    // The page may have been frozen while another one took the store.
    void this.storage.check().catch(() => undefined)
  }

  /** Resolves when what has come in before is stored or refused, and the answers are on their way. */
  async settle(): Promise<void> {
    // What is not in the commit in flight is in the one after it.
    await this.afterCommit()
    await this.afterCommit()
  }

  /** Refuses new work, waits for the last commit, then lets go of the storage. */
  async close(): Promise<void> {
    if (this.closing) return
    this.closing = true
    this.input((node) => node.shutdown())
    const idle = new Promise<void>((resolve) => {
      this.whenIdle = resolve
      this.checkIdle()
    })
    await within(closeMillisMax, idle, () => new Error('not idle')).catch(() => undefined)
    this.drop('node closed')
    this.node?.retire()
    this.node = undefined
    await this.afterCommit()
    await this.storage.close()
  }

  private async launch(): Promise<void> {
    let trapped = false
    const node: WasmNode = await WasmNode.instantiate(
      this.source,
      this.outputs(() => this.node === node || this.node === undefined),
      this.hub,
      (cause) => {
        trapped = true
        if (this.node === node) this.trapped(cause)
        else this.onEvent({ type: 'log', text: cause })
      },
    )
    const root = await this.storage.mount(node.fs)
    this.startedAt = performance.now()
    const refusal = node.open(this.settings, root, this.storage)
    if (refusal) throw new StorageError(`open: ${refusal}`)
    if (trapped || this.closing || this.lost !== undefined) return
    this.node = node
    if (this.linkPaused) this.input((engine) => engine.pauseLink())
    for (const { handle, port } of this.waiting.splice(0)) {
      this.connections.accept(handle, port)
    }
    this.afterInput()
  }

  private outputs(current: () => boolean): Outputs {
    return {
      send: (connection, bytes) => this.connections.send(connection, bytes),
      close: (connection, reason) => {
        this.hub.forget(connection)
        this.connections.close(connection, reason)
      },
      dial: (connection, url) =>
        void this.hub.dial(connection, () => this.connections.dial(connection, url)),
      hold: (connection, held) => this.connections.hold(connection, held),
      commit: (ticket, operations) => this.commit(ticket, operations, current),
      notice: (kind, text) => this.onEvent(eventOf(kind, text)),
    }
  }

  private commit(ticket: number, operations: FileOperation[], current: () => boolean): void {
    const work = this.storage.commit(operations)
    this.committing = work
    const finish = (error: string): void => {
      if (this.committing === work) this.committing = undefined
      if (current()) this.input((node) => node.stored(ticket, error))
    }
    work.then(
      () => finish(''),
      (error) => finish(error instanceof Error ? error.message : String(error)),
    )
  }

  private input(call: (node: WasmNode) => void): void {
    if (this.node === undefined) return
    call(this.node)
    this.afterInput()
  }

  private afterInput(): void {
    this.connections.flush()
    const at = this.node?.nextDeadline() ?? Number.POSITIVE_INFINITY
    this.alarm.set(at, () => this.node?.millisUntil(at) ?? 0)
    this.checkIdle()
    this.syncs.touch()
  }

  private checkIdle(): void {
    if (this.whenIdle === undefined) return
    if (this.node === undefined || this.node.idle()) this.whenIdle()
  }

  /** Those whose messages were in the commit have been refused by then. */
  private async afterCommit(): Promise<void> {
    await this.committing?.catch(() => undefined)
  }

  private lose(error: Error): void {
    this.node?.retire()
    this.node = undefined
    this.drop(error.message)
    this.checkIdle()
    if (!this.closing) this.onEvent({ type: 'lost', ...toWireError(error) })
  }

  private trapped(cause: string): void {
    this.node = undefined
    this.drop('node restarted')
    if (this.closing || this.lost !== undefined) return
    ++this.restarts
    this.onEvent({ type: 'restart', cause })
    const healthy = performance.now() - this.startedAt > healthyMillis
    this.scheduleRestart(healthy ? 0 : this.restartDelay)
  }

  /** Again and again with growing pauses: the storage may be what fails, and may come back. */
  private scheduleRestart(delay: number): void {
    this.restartDelay = Math.min(Math.max(restartMillisMin, delay * 2), restartMillisMax)
    const attempt = async (): Promise<void> => {
      const over = (): boolean => this.closing || this.lost !== undefined
      if (over()) return
      await this.afterCommit()
      try {
        await this.launch()
      } catch (error) {
        if (!over()) this.onEvent({ type: 'storage', error: `restart: ${String(error)}` })
      }
      if (this.node === undefined && !over()) this.scheduleRestart(this.restartDelay)
    }
    setTimeout(() => void attempt(), delay)
  }

  /** Every connection ends; the engine need not be told, it is gone or done. */
  private drop(reason: string): void {
    this.alarm.stop()
    this.syncs.stop()
    this.connections.drop(reason)
    for (const { port } of this.waiting.splice(0)) refusePort(port, reason)
  }

  private engineStatus(): { link?: LinkStatus; streams?: number; sync?: SyncInfos } {
    return JSON.parse(this.node?.statusJson() ?? '{}')
  }
}
