/** The WebSocket of the leaf link, dialled when the engine asks for it and never by itself. */
import {
  hubDialMillisMax,
  hubDrainPollMillis,
  hubFrameBytesMax,
  hubHeldBytesMax,
} from '../limits.js'

export interface HubEvents {
  opened(): void
  received(bytes: Uint8Array): void
  sent(bytes: number): void
  closed(cause: string): void
}

/** The part of the browser's WebSocket that is used; `ws` in Node.js 20 has the same. */
export interface SocketLike {
  binaryType: string
  readonly readyState: number
  readonly bufferedAmount: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  send(bytes: Uint8Array<ArrayBuffer>): void
  close(): void
  /** `ws` can stop reading; browsers cannot. */
  pause?(): void
  resume?(): void
}

export type OpenSocket = (url: string) => SocketLike

export class HubSocket {
  private readonly socket: SocketLike | undefined
  private readonly events: HubEvents
  private dialTimer: ReturnType<typeof setTimeout> | undefined
  private drainTimer: ReturnType<typeof setTimeout> | undefined
  /** Given to the socket and not yet reported as sent. */
  private unreported = 0
  /** What came while the engine held the link. */
  private kept: Uint8Array[] = []
  private keptBytes = 0
  private held = false
  private opened = false
  private ended = false
  private failure = ''

  constructor(url: string, open: OpenSocket, events: HubEvents) {
    this.events = events
    try {
      this.socket = open(url)
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error)
      // The engine is in the middle of the call that asked for the dial.
      queueMicrotask(() => this.end(cause))
      return
    }
    this.socket.binaryType = 'arraybuffer'
    this.socket.onopen = () => {
      clearTimeout(this.dialTimer)
      this.opened = true
      events.opened()
    }
    this.socket.onmessage = (event: MessageEvent) => this.take(bytesOf(event.data))
    this.socket.onerror = (event: Event & { message?: string }) => {
      this.failure = event.message ?? ''
    }
    this.socket.onclose = (event: CloseEvent) => {
      const seen = this.opened ? `closed with code ${event.code}` : unreachable(url)
      this.end(event.reason || this.failure || seen)
    }
    this.dialTimer = setTimeout(() => {
      this.end(`no answer within ${hubDialMillisMax} ms`)
    }, hubDialMillisMax)
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.ended || this.socket === undefined) return
    for (let at = 0; at < bytes.length; at += hubFrameBytesMax) {
      this.socket.send(bytes.subarray(at, at + hubFrameBytesMax))
    }
    this.unreported += bytes.length
    this.drainTimer ??= setTimeout(() => this.report(), 0)
  }

  /** While held nothing is handed on: what cannot be left with the hub is kept here, up to a bound. */
  hold(held: boolean): void {
    if (this.ended || held === this.held) return
    this.held = held
    if (held) this.socket?.pause?.()
    else this.socket?.resume?.()
    // Not within the engine's own call; and it may hold again in the middle.
    if (!held) queueMicrotask(() => this.handOver())
  }

  private take(bytes: Uint8Array): void {
    if (!this.held && this.kept.length === 0) {
      this.events.received(bytes)
      return
    }
    this.kept.push(bytes)
    this.keptBytes += bytes.length
    if (this.keptBytes > hubHeldBytesMax) this.end('the hub sends faster than the disk writes')
  }

  private handOver(): void {
    let handed = 0
    for (; handed < this.kept.length && !this.held && !this.ended; ++handed) {
      const bytes = this.kept[handed] as Uint8Array
      this.keptBytes -= bytes.length
      this.events.received(bytes)
    }
    this.kept.splice(0, handed)
  }

  /** The engine is done with it: no event follows. */
  close(): void {
    if (this.ended) return
    this.detach()
    this.socket?.close()
  }

  private report(): void {
    this.drainTimer = undefined
    if (this.ended || this.socket === undefined) return
    // bufferedAmount also counts frame headers, so it can exceed what was given.
    const written = this.unreported - Math.min(this.unreported, this.socket.bufferedAmount)
    this.unreported -= written
    if (this.unreported > 0) {
      this.drainTimer = setTimeout(() => this.report(), hubDrainPollMillis)
    }
    if (written > 0) this.events.sent(written)
  }

  private end(cause: string): void {
    if (this.ended) return
    this.detach()
    this.socket?.close()
    this.events.closed(cause)
  }

  private detach(): void {
    this.ended = true
    clearTimeout(this.dialTimer)
    clearTimeout(this.drainTimer)
    if (this.socket === undefined) return
    this.socket.onopen = null
    this.socket.onmessage = null
    this.socket.onclose = null
    // `ws` throws on an error that nobody listens to.
    this.socket.onerror = () => undefined
  }
}

/**
 * A browser tells a page nothing of why; so what there is to look at, the likely first. By the code the
 * engine knows that there was no connection.
 */
function unreachable(url: string): string {
  if (globalThis.navigator?.onLine === false) return 'this device is offline (code 1006)'
  const from = globalThis.location?.origin ?? 'this process'
  const tls = url.startsWith('wss:') ? ', and its certificate trusted here' : ''
  return (
    `${url} does not answer ${from}: is the hub running there with a leafnodes block, ` +
    `this origin among its allowed_origins${tls}? (A browser says no more than code 1006.)`
  )
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  return new TextEncoder().encode(String(data))
}
