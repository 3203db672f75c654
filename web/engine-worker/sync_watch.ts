/**
 * Tells the pages how each synced stream stands whenever that has changed. It looks after inputs of the
 * engine, a moment later, so that a burst of them is one event; a node in which nothing happens is not
 * looked at.
 */
import { syncEventMillis } from '../limits.js'
import type { NodeEvent, SyncInfo } from './messages.js'

export type SyncInfos = Record<string, SyncInfo>

export class SyncWatch {
  private readonly read: () => SyncInfos
  private readonly tell: (event: NodeEvent) => void
  private known: Record<string, string> = {}
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(read: () => SyncInfos, tell: (event: NodeEvent) => void) {
    this.read = read
    this.tell = tell
  }

  /** Something may have changed. */
  touch(): void {
    this.timer ??= setTimeout(() => this.look(), syncEventMillis)
  }

  /** Until the next touch(): the engine is gone, or being made anew. */
  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private look(): void {
    this.timer = undefined
    const before = this.known
    this.known = {}
    for (const [stream, info] of Object.entries(this.read())) {
      // That the hub is still there is no change.
      const text = JSON.stringify({ ...info, lastContact: '' })
      this.known[stream] = text
      if (text !== before[stream]) this.tell({ type: 'sync', stream, ...info })
    }
  }
}
