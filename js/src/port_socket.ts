/**
 * One NATS connection over a MessagePort, in the shape of a WebSocket: as much of it as nats-core's
 * WebSocket transport uses. The other end is web/engine-worker/client_port.ts.
 */
import type { PortMessage } from '../../web/engine-worker/messages.js'
import { portAckBytes } from '../../web/limits.js'

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

  constructor(port: MessagePort, onEnd: () => void) {
    this.port = port
    this.onEnd = onEnd
    port.onmessage = ({ data }: MessageEvent<PortMessage>) => {
      if (data instanceof ArrayBuffer) this.take(data)
      else if (data.type === 'close') this.end({ wasClean: false, code: 1006, reason: data.reason })
    }
    port.start?.()
  }

  /** What has not been posted yet; a posted message cannot be lost, it only waits for its turn. */
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
    this.flush()
    this.port.postMessage({ type: 'close', reason: 'Client Closed' } satisfies PortMessage)
    this.end({ wasClean: true, code: 1000, reason: '' })
  }

  /** Ends the connection from the page's side without telling the worker, which is gone. */
  lose(reason: string): void {
    if (this.readyState === 1) this.end({ wasClean: false, code: 1006, reason })
  }

  private take(data: ArrayBuffer): void {
    this.unacknowledged += data.byteLength
    this.onmessage?.({ data })
    if (this.unacknowledged < portAckBytes || this.readyState !== 1) return
    const message: PortMessage = { type: 'consumed', bytes: this.unacknowledged }
    this.unacknowledged = 0
    this.port.postMessage(message)
  }

  private flush(): void {
    if (this.queued === 0 || this.readyState !== 1) return
    const [first] = this.queue
    let bytes = first as Uint8Array
    if (this.queue.length > 1) {
      bytes = new Uint8Array(this.queued)
      let at = 0
      for (const part of this.queue) {
        bytes.set(part, at)
        at += part.length
      }
    }
    this.queue = []
    this.queued = 0
    this.port.postMessage(bytes.buffer, [bytes.buffer])
  }

  private end(event: PortCloseEvent): void {
    this.readyState = 3
    this.port.onmessage = null
    this.port.close()
    this.onEnd()
    // After the caller has returned, as a WebSocket does it.
    queueMicrotask(() => this.onclose?.(event))
  }
}
