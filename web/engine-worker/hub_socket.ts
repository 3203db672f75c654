/** The WebSocket of the leaf link, dialled when the engine asks for it and never by itself. */
import { hubDialMillisMax, hubDrainPollMillis, hubFrameBytesMax } from '../limits.js'

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
}

export type OpenSocket = (url: string) => SocketLike

export class HubSocket {
  private readonly socket: SocketLike | undefined
  private readonly events: HubEvents
  private dialTimer: ReturnType<typeof setTimeout> | undefined
  private drainTimer: ReturnType<typeof setTimeout> | undefined
  /** Given to the socket and not yet reported as sent. */
  private unreported = 0
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
      events.opened()
    }
    this.socket.onmessage = (event: MessageEvent) => events.received(bytesOf(event.data))
    this.socket.onerror = (event: Event & { message?: string }) => {
      this.failure = event.message ?? ''
    }
    this.socket.onclose = (event: CloseEvent) => {
      this.end(event.reason || this.failure || `closed with code ${event.code}`)
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

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  return new TextEncoder().encode(String(data))
}
