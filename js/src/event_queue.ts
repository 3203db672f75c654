/** Events of a node for any number of readers, each with its own bounded queue. */
import type { NodeEvent } from '../../web/engine-worker/status.js'
import { eventsQueuedMax } from '../../web/limits.js'

interface Reader {
  queue: NodeEvent[]
  wake: (() => void) | undefined
}

export class EventQueue {
  private readonly readers = new Set<Reader>()
  private ended = false

  publish(event: NodeEvent): void {
    for (const reader of this.readers) {
      reader.queue.push(event)
      if (reader.queue.length > eventsQueuedMax) reader.queue.shift()
      reader.wake?.()
    }
  }

  /** Every reader's loop ends after what it has still queued. */
  end(): void {
    this.ended = true
    for (const reader of this.readers) reader.wake?.()
  }

  /** Reads from now on, not from the first `next()`: what happens in between is not lost. */
  read(): AsyncIterableIterator<NodeEvent> {
    const reader: Reader = { queue: [], wake: undefined }
    this.readers.add(reader)
    return this.iterate(reader)
  }

  private iterate(reader: Reader): AsyncIterableIterator<NodeEvent> {
    const leave = async (): Promise<IteratorResult<NodeEvent>> => {
      this.readers.delete(reader)
      reader.wake?.()
      return { done: true, value: undefined }
    }
    const next = async (): Promise<IteratorResult<NodeEvent>> => {
      for (;;) {
        const event = reader.queue.shift()
        if (event !== undefined) return { done: false, value: event }
        if (this.ended || !this.readers.has(reader)) return leave()
        await new Promise<void>((resolve) => {
          reader.wake = resolve
        })
      }
    }
    return { next, return: leave, [Symbol.asyncIterator]: () => this.iterate(reader) }
  }
}
