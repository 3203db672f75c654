/**
 * The worker's end of one NATS connection of a page. Bytes for the page are gathered and posted
 * once per turn. Each end reports what it has taken: the engine counts the page's reports against the
 * bound of a slow consumer, and the page posts no more than a window ahead of ours, which stop while
 * the engine holds the connection.
 */
import { portAckBytes } from '../limits.js'
import type { PortMessage } from './messages.js'

export interface PortEvents {
  received(bytes: Uint8Array): void
  sent(bytes: number): void
  closed(reason: string): void
}

export class ClientPort {
  private queue: Uint8Array[] = []
  private queued = 0
  private taken = 0
  private held = false
  private readonly port: MessagePort

  constructor(port: MessagePort, events: PortEvents) {
    this.port = port
    port.onmessage = ({ data }: MessageEvent<PortMessage>) => {
      if (data instanceof ArrayBuffer) {
        this.taken += data.byteLength
        events.received(new Uint8Array(data))
        this.report()
      } else if (data.type === 'consumed') events.sent(data.bytes)
      else {
        this.end()
        events.closed(data.reason)
      }
    }
    port.start?.()
  }

  /** The page is let send no more than is on its way, until it is let go on. */
  hold(held: boolean): void {
    this.held = held
    this.report()
  }

  send(bytes: Uint8Array): void {
    this.queue.push(bytes)
    this.queued += bytes.length
  }

  /** To be called at the end of each turn. */
  flush(): void {
    if (this.queued === 0) return
    const bytes = join(this.queue, this.queued)
    this.queue = []
    this.queued = 0
    this.port.postMessage(bytes, [bytes])
  }

  /** Posts what is queued, then the end with its reason. */
  close(reason: string): void {
    this.flush()
    this.port.postMessage({ type: 'close', reason } satisfies PortMessage)
    this.end()
  }

  private report(): void {
    if (this.held || this.taken < portAckBytes) return
    this.port.postMessage({ type: 'consumed', bytes: this.taken } satisfies PortMessage)
    this.taken = 0
  }

  private end(): void {
    this.port.onmessage = null
    this.port.close()
  }
}

/** Tells the client of a port that was never accepted. */
export function refusePort(port: MessagePort, reason: string): void {
  const ignore = (): void => undefined
  new ClientPort(port, { received: ignore, sent: ignore, closed: ignore }).close(reason)
}

function join(parts: Uint8Array[], length: number): ArrayBuffer {
  const [only] = parts
  if (parts.length === 1 && only !== undefined && only.byteLength === only.buffer.byteLength) {
    return only.buffer as ArrayBuffer
  }
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all.buffer
}
