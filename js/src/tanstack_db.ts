/**
 * A bucket of a node as a collection of TanStack DB: its rows come from a live query, what the app changes in
 * it becomes publishes. An export of its own, `frond/tanstack-db`, that nothing else of the package uses.
 */
import { headers, type Msg, type NatsConnection } from '@nats-io/nats-core'
import type { FrondNode } from './frond_node.js'
import type { LiveRows, Selector } from './query_types.js'
import type { SchemaOutput, StandardSchema } from './standard_schema.js'

type Key = string | number

/** What a collection is made of: where its rows are, and the commonest of TanStack DB's own options. */
export interface FrondCollectionConfig<T extends object, K extends Key = Key> {
  node: FrondNode | Promise<FrondNode>
  /** The KV bucket; it must exist. Documents whose key is another than `getKey` says are passed over. */
  bucket: string
  /** The document's key in the bucket. */
  getKey: (item: T) => K
  /** Only these documents. */
  selector?: Selector<T>
  id?: string
  gcTime?: number
  startSync?: boolean
  compare?: (x: T, y: T) => number
}

/** The node did not store what was changed; `code` is the one of its answer, if it had one. */
export class PublishError extends Error {
  override readonly name = 'PublishError'
  readonly code: number | undefined
  constructor(message: string, code?: number) {
    super(message)
    this.code = code
  }
}

/*
 * As much of TanStack DB's types as is used: package managers put its package where ours does not see it,
 * as when an app has installed that of its framework only.
 */

/** What `createCollection()` takes. */
export interface FrondCollectionOptions<T extends object, K extends Key> {
  id?: string
  gcTime?: number
  startSync?: boolean
  compare?: (x: T, y: T) => number
  getKey: (item: T) => K
  sync: { sync: (given: Sync<T, K>) => () => void; rowUpdateMode: 'full' }
  onInsert: Handler<T>
  onUpdate: Handler<T>
  onDelete: Handler<T>
}

interface Sync<T extends object, K extends Key> {
  begin: () => void
  write: (row: { type: 'insert' | 'update'; value: T } | { type: 'delete'; key: K }) => void
  commit: () => unknown
  markReady: () => void
  markError: (error?: unknown) => void
}

interface Mutation<T extends object> {
  type: 'insert' | 'update' | 'delete'
  key: unknown
  modified: T
}

type Handler<T extends object> = (given: {
  transaction: { mutations: readonly Mutation<T>[] }
}) => Promise<void>

/** The options for `createCollection()`; typed by a schema, which checks what the app changes, or by a generic. */
export function frondCollectionOptions<S extends StandardSchema, K extends Key = Key>(
  config: FrondCollectionConfig<SchemaOutput<S> & object, K> & { schema: S },
): FrondCollectionOptions<SchemaOutput<S> & object, K> & { schema: S }
export function frondCollectionOptions<T extends object, K extends Key = Key>(
  config: FrondCollectionConfig<T, K> & { schema?: never },
): FrondCollectionOptions<T, K> & { schema?: never }
export function frondCollectionOptions<T extends object, K extends Key>(
  config: FrondCollectionConfig<T, K> & { schema?: StandardSchema },
): FrondCollectionOptions<T, K> & { schema?: StandardSchema } {
  const { node, bucket, selector, ...own } = config
  const rows = new BucketRows<T, K>(Promise.resolve(node), bucket, config.getKey, selector)
  const persist: Handler<T> = ({ transaction }) => rows.persist(transaction.mutations)
  return {
    ...own,
    sync: { sync: (given) => rows.follow(given), rowUpdateMode: 'full' },
    onInsert: persist,
    onUpdate: persist,
    onDelete: persist,
  }
}

/** Pauses before a live query that has ended by itself is asked again. */
const againMillis = 1_000
const publishMillis = 10_000
/** Of an answer: the bucket was deleted. */
const noStream = 10059
/** What is stored is mostly told by then. */
const toldMillis = 50
const keyForm = /^[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*$/

class BucketRows<T extends object, K extends Key> {
  private readonly node: Promise<FrondNode>
  private readonly bucket: string
  private readonly getKey: (item: T) => K
  private readonly selector: Selector<T> | undefined
  private connection: Promise<NatsConnection> | undefined
  /** By subject, as the collection has been told. */
  private readonly told = new Map<string, { key: K; seq: number }>()
  private readonly waiting = new Set<() => void>()
  private following = false
  private takes = 0

  constructor(
    node: Promise<FrondNode>,
    bucket: string,
    getKey: (item: T) => K,
    selector: Selector<T> | undefined,
  ) {
    this.node = node
    this.bucket = bucket
    this.getKey = getKey
    this.selector = selector
  }

  /** Tells the collection the rows and what changes of them; answers how to stop that. */
  follow(sync: Sync<T, K>): () => void {
    const end = new AbortController()
    this.following = true
    this.told.clear()
    void this.run(sync, end.signal)
    return () => {
      this.following = false
      end.abort()
      this.wake()
      void this.connection?.then((connection) => connection.close()).catch(() => undefined)
      this.connection = undefined
    }
  }

  private async run(sync: Sync<T, K>, signal: AbortSignal): Promise<void> {
    let ready = false
    const options = { signal, ...(this.selector !== undefined && { selector: this.selector }) }
    while (!signal.aborted) {
      try {
        const node = await this.node
        await new Promise<void>((_, reject) => {
          node.live<T>(`KV_${this.bucket}`, options).subscribe((rows) => {
            this.take(sync, rows)
            if (!ready) sync.markReady()
            ready = true
          }, reject)
        })
      } catch (error) {
        if (signal.aborted) return
        if (!ready) return sync.markError(error)
        const { name, code } = error as Error & { code?: number }
        if (name === 'NodeClosedError') return
        if (code === noStream) this.take(sync, { rows: new Map(), changes: [] })
      }
      await new Promise((resolve) => setTimeout(resolve, againMillis))
    }
  }

  private take({ begin, write, commit }: Sync<T, K>, { rows, changes }: LiveRows<T>): void {
    begin()
    const forget = (subject: string): void => {
      const before = this.told.get(subject)
      if (before === undefined) return
      write({ type: 'delete', key: before.key })
      this.told.delete(subject)
    }
    // Of several changes of one row the last one counts, which is what `rows` has.
    for (const subject of new Set(changes.map((change) => change.subject))) {
      const row = rows.get(subject)
      const key = row && this.keyOf(subject, row.doc)
      if (row === undefined || key === undefined) {
        forget(subject)
        continue
      }
      const type = this.told.has(subject) ? 'update' : 'insert'
      write({ type, value: row.doc })
      this.told.set(subject, { key, seq: row.seq })
    }
    // All is told anew after a restart, but not what is not there any more.
    if (this.told.size > rows.size) {
      for (const subject of [...this.told.keys()]) if (!rows.has(subject)) forget(subject)
    }
    commit()
    this.wake()
  }

  private keyOf(subject: string, doc: T): K | undefined {
    if (doc === null || typeof doc !== 'object') return undefined
    const key = this.getKey(doc)
    // A mirror has its origin's subjects: `$KV.<bucket of the origin>.<key>`.
    return subject.split('.').slice(2).join('.') === String(key) ? key : undefined
  }

  /** Resolves when the changes are stored and among the rows. */
  async persist(mutations: readonly Mutation<T>[]): Promise<void> {
    this.connection ??= this.node.then((node) => node.connect({ name: 'tanstack-db' }))
    const connection = await this.connection
    const stored = await Promise.all(mutations.map((each) => this.publish(connection, each)))
    await Promise.all(stored.map(({ subject, seq }) => this.shown(subject, seq)))
  }

  private async publish(
    connection: NatsConnection,
    { type, key, modified }: Mutation<T>,
  ): Promise<{ subject: string; seq: number }> {
    if (!keyForm.test(String(key)))
      throw new PublishError(`${JSON.stringify(key)} is no key of a bucket`)
    if (type !== 'delete' && this.getKey(modified) !== key) {
      throw new PublishError(`${JSON.stringify(key)}: a document keeps its key`)
    }
    const subject = `$KV.${this.bucket}.${key}`
    const removal = headers()
    removal.set('KV-Operation', 'DEL')
    const timeout = publishMillis
    const answer = await (type === 'delete'
      ? connection.request(subject, '', { timeout, headers: removal })
      : connection.request(subject, JSON.stringify(modified), { timeout })
    ).catch((error: Error) => {
      throw new PublishError(error.message)
    })
    return { subject, seq: sequenceOf(answer) }
  }

  /** Waits until the live query has told what was stored, or what came after it. */
  private async shown(subject: string, seq: number): Promise<void> {
    for (let asked = false; this.following; asked = true) {
      const { takes } = this
      const known = this.told.get(subject)
      if (known !== undefined && known.seq >= seq) return
      if (asked && (await this.isAsStored(subject))) return
      if (takes === this.takes) await this.nextTake()
    }
  }

  /** It is shown as what it is, or not at all when it was deleted or the selector does not find it. */
  private async isAsStored(subject: string): Promise<boolean> {
    const options = { subject, ...(this.selector !== undefined && { selector: this.selector }) }
    const { rows } = await (await this.node).query<T>(`KV_${this.bucket}`, options)
    const [row] = rows
    const now = this.told.get(subject)
    if (row === undefined || this.keyOf(subject, row.doc) === undefined) return now === undefined
    return now !== undefined && now.seq >= row.seq
  }

  /** Or a moment later: what the selector does not find is not told. */
  private nextTake(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, toldMillis)
      this.waiting.add(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  private wake(): void {
    ++this.takes
    for (const resolve of this.waiting) resolve()
    this.waiting.clear()
  }
}

function sequenceOf(answer: Msg): number {
  const { seq, error } = answer.json<{
    seq?: number
    error?: { description: string; err_code?: number }
  }>()
  if (seq === undefined) throw new PublishError(error?.description ?? 'not stored', error?.err_code)
  return seq
}
