/** A live query as an app reads it. */
import type { NatsConnection } from '@nats-io/nats-core'
import { followRows } from './query.js'
import type { LiveChange, LiveOptions, LiveRows } from './query_types.js'

export class Live<T = unknown> implements AsyncIterable<LiveRows<T>> {
  private readonly connect: () => Promise<NatsConnection>
  private readonly stream: string
  private readonly options: LiveOptions<T>

  /** @internal Made by FrondNode.live(). */
  constructor(connect: () => Promise<NatsConnection>, stream: string, options: LiveOptions<T>) {
    this.connect = connect
    this.stream = stream
    this.options = options
  }

  /** Returns what ends it. `onError` is told when it ends by itself: the stream is gone, the node is closed. */
  subscribe(
    onRows: (rows: LiveRows<T>) => void,
    onError: (error: unknown) => void = () => undefined,
  ): () => void {
    const end = new AbortController()
    const own = this.options.signal
    const pass = (): void => end.abort(own?.reason)
    if (own?.aborted === true) pass()
    own?.addEventListener('abort', pass)
    let stopped = false
    const run = async (): Promise<void> => {
      const options = { ...this.options, signal: end.signal }
      await followRows(await this.connect(), this.stream, options, onRows)
    }
    void run()
      .catch((error) => {
        if (!stopped) onError(error)
      })
      .finally(() => own?.removeEventListener('abort', pass))
    return () => {
      stopped = true
      end.abort()
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LiveRows<T>> {
    let newest: LiveRows<T> | undefined
    let failure: { error: unknown } | undefined
    let wake = (): void => undefined
    let changes: LiveChange<T>[] = []
    const end = this.subscribe(
      (rows) => {
        changes.push(...rows.changes)
        newest = { ...rows, changes }
        wake()
      },
      (error) => {
        failure = { error }
        wake()
      },
    )
    try {
      for (;;) {
        if (newest !== undefined) {
          const rows = newest
          newest = undefined
          changes = []
          yield rows
        } else if (failure !== undefined) {
          throw failure.error
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      end()
    }
  }
}
