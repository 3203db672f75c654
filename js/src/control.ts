/** The page's end of the control port: requests with a bound on the wait, and events. */
import type {
  ControlReply,
  ControlRequest,
  HubSettings,
  NodeEvent,
  NodeSettings,
  NodeStatus,
  Opened,
} from '../../web/engine-worker/messages.js'
import { closeMillisMax, controlMillisMax, openMillisMax } from '../../web/limits.js'
import { fromWireError, WorkerError } from './errors.js'

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
  timer: ReturnType<typeof setTimeout>
}

export class Control {
  onEvent: (event: NodeEvent) => void = () => undefined
  /** The node is about to dial: answered with answerHub(). To be there before open(), which may dial. */
  onAskHub: ((ask: number) => void) | undefined
  private readonly port: MessagePort
  private readonly pending = new Map<number, Pending>()
  private lastId = 0
  private lost: Error | undefined

  constructor(port: MessagePort) {
    this.port = port
    port.onmessage = ({ data }: MessageEvent<ControlReply>) => this.take(data)
    port.start?.()
  }

  open(settings: NodeSettings, aliveLock?: string): Promise<Opened> {
    const id = ++this.lastId
    const asksHub = this.onAskHub !== undefined
    const request: ControlRequest = { type: 'open', id, settings, asksHub }
    if (aliveLock !== undefined) request.aliveLock = aliveLock
    return this.request(request, openMillisMax) as Promise<Opened>
  }

  async connect(port: MessagePort): Promise<void> {
    await this.request({ type: 'connect', id: ++this.lastId, port }, controlMillisMax, [port])
  }

  status(): Promise<NodeStatus> {
    const request = { type: 'status', id: ++this.lastId } as const
    return this.request(request, controlMillisMax) as Promise<NodeStatus>
  }

  async link(type: 'pause' | 'resume'): Promise<void> {
    await this.request({ type, id: ++this.lastId }, controlMillisMax)
  }

  async setHub(hub: HubSettings): Promise<void> {
    await this.request({ type: 'hub', id: ++this.lastId, hub }, controlMillisMax)
  }

  answerHub(ask: number, answer: { hub?: HubSettings; error?: string }): void {
    if (this.lost === undefined) this.post({ type: 'hub_is', ask, ...answer })
  }

  network(online: boolean): void {
    if (this.lost === undefined) this.post({ type: 'network', online })
  }

  /** Resolves when the node has answered all that it had been sent before. */
  async settle(): Promise<void> {
    await this.request({ type: 'settle', id: ++this.lastId }, closeMillisMax)
  }

  async close(millis: number): Promise<void> {
    await this.request({ type: 'close', id: ++this.lastId }, millis)
  }

  /** Nothing more will come: every request that waits fails with `error`, and each later one. */
  lose(error: Error): void {
    if (this.lost !== undefined) return
    this.lost = error
    this.port.onmessage = null
    this.port.close()
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer)
      reject(error)
    }
    this.pending.clear()
  }

  private request(
    message: Exclude<ControlRequest, { type: 'network' | 'hub_is' }>,
    millis: number,
    transfer: Transferable[] = [],
  ): Promise<unknown> {
    if (this.lost !== undefined) return Promise.reject(this.lost)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(message.id)
        reject(new WorkerError(`${message.type}: the worker did not answer within ${millis} ms`))
      }, millis)
      this.pending.set(message.id, { resolve, reject, timer })
      this.post(message, transfer)
    })
  }

  private post(message: ControlRequest, transfer: Transferable[] = []): void {
    this.port.postMessage(message, transfer)
  }

  private take(message: ControlReply): void {
    if (message.type === 'event') {
      this.onEvent(message.event)
      return
    }
    if (message.type === 'ask_hub') {
      this.onAskHub?.(message.ask)
      return
    }
    const waiting = this.pending.get(message.id)
    if (waiting === undefined) return
    this.pending.delete(message.id)
    clearTimeout(waiting.timer)
    if (message.type === 'reply') waiting.resolve(message.value)
    else waiting.reject(fromWireError(message.error))
  }
}
