/**
 * One NATS connection over a MessagePort, in the shape of a WebSocket: as much of it as nats-core's
 * WebSocket transport uses. The other end is web/engine-worker/client_port.ts.
 */
import type { PortMessage } from '../../web/engine-worker/messages.js'
import { portAckBytes, portWindowBytes } from '../../web/limits.js'

type Handler<E> = ((event: E) => void) | null

export interface PortCloseEvent {
  wasClean: boolean
  code: number
  reason: string
}

export class PortSocket {
  binaryType = 'arraybuffer'
  /** As in WebSocket: 1 open, 3 closed. */
  readyState = 1
  onopen: Handler<unknown> = null
  onmessage: Handler<{ data: ArrayBuffer }> = null
  onerror: Handler<{ message: string }> = null
  onclose: Handler<PortCloseEvent> = null
  private readonly port: MessagePort
  private readonly onEnd: () => void
  private queue: Uint8Array[] = []
  private queued = 0
  private unacknowledged = 0
  /** Posted and not yet taken by the worker, which takes nothing while its disk is behind. */
  private posted = 0

  constructor(port: MessagePort, onEnd: () => void) {
    this.port = port
    this.onEnd = onEnd
    port.onmessage = ({ data }: MessageEvent<PortMessage>) => {
      if (data instanceof ArrayBuffer) this.take(data)
      else if (data.type === 'consumed') {
        this.posted -= data.bytes
        this.flush()
      } else if (data.type === 'close')
        this.end({ wasClean: false, code: 1006, reason: data.reason })
    }
    port.start?.()
  }

  /** What has not been posted yet; what has been cannot be lost, it only waits for its turn. */
  get bufferedAmount(): number {
    return this.queued
  }

  /** Copies: nats-core sends some of its buffers, such as its PING, more than once. */
  send(data: ArrayBuffer | Uint8Array): void {
    if (this.readyState !== 1) return
    const bytes = new Uint8Array(data instanceof Uint8Array ? data : new Uint8Array(data))
    if (this.queue.length === 0) queueMicrotask(() => this.flush())
    this.queue.push(bytes)
    this.queued += bytes.length
  }

  close(): void {
    if (this.readyState !== 1) return
    this.flush(Number.POSITIVE_INFINITY)
    this.port.postMessage({ type: 'close', reason: 'Client Closed' } satisfies PortMessage)
    this.end({ wasClean: true, code: 1000, reason: '' })
  }

  /** Ends the connection from the page's side without telling the worker, which is gone. */
  lose(reason: string): void {
    if (this.readyState === 1) this.end({ wasClean: false, code: 1006, reason })
  }

  /** The worker has not taken the connection. */
  fail(reason: string): void {
    if (this.readyState !== 1) return
    this.shut()
    // Whoever was just given the socket must have had time to listen.
    setTimeout(() => {
      this.onerror?.({ message: reason })
      this.onclose?.({ wasClean: false, code: 1006, reason })
    })
  }

  private take(data: ArrayBuffer): void {
    this.unacknowledged += data.byteLength
    this.onmessage?.({ data })
    if (this.unacknowledged < portAckBytes || this.readyState !== 1) return
    const message: PortMessage = { type: 'consumed', bytes: this.unacknowledged }
    this.unacknowledged = 0
    this.port.postMessage(message)
  }

  /** Posts whole parts until the window is full. */
  private flush(window = portWindowBytes): void {
    if (this.queued === 0 || this.posted >= window || this.readyState !== 1) return
    let count = 0
    let length = 0
    for (const part of this.queue) {
      if (this.posted + length >= window) break
      ++count
      length += part.length
    }
    const parts = this.queue.splice(0, count)
    let bytes = parts[0] as Uint8Array
    if (count > 1) {
      bytes = new Uint8Array(length)
      let at = 0
      for (const part of parts) {
        bytes.set(part, at)
        at += part.length
      }
    }
    this.queued -= length
    this.posted += length
    this.port.postMessage(bytes.buffer, [bytes.buffer])
  }

  private shut(): void {
    this.readyState = 3
    this.port.onmessage = null
    this.port.close()
    this.onEnd()
  }

  private end(event: PortCloseEvent): void {
    this.shut()
    // After the caller has returned, as a WebSocket does it.
    queueMicrotask(() => this.onclose?.(event))
  }
}
