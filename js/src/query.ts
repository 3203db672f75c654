/** Queries over the documents of a stream: the request `$FROND.QUERY.<stream>` and its answers. */
import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core'
import { NodeClosedError, RequestError } from './errors.js'

/** What is asked of one field. Values of different types are in the order null, false, true, numbers, strings, arrays, objects. */
export interface Condition {
  $eq?: unknown
  $ne?: unknown
  $lt?: unknown
  $lte?: unknown
  $gt?: unknown
  $gte?: unknown
  $in?: readonly unknown[]
  $nin?: readonly unknown[]
  $exists?: boolean
  $type?: 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'
  $size?: number
  $mod?: readonly [divisor: number, remainder: number]
  $regex?: string
  $beginsWith?: string
  $all?: readonly unknown[]
  $elemMatch?: Condition | Selector
  $allMatch?: Condition | Selector
  $and?: readonly Condition[]
  $or?: readonly Condition[]
  $nor?: readonly Condition[]
  $not?: Condition
}

/**
 * Which documents are wanted: fields of `T`, paths as `'address.city'` or `'tags.0'`, and what a message has beside its
 * payload: `$subject`, `$tokens.<n>`, `$key`, `$seq`, `$time`, `$headers.<name>`, `$value`.
 */
export type Selector<T = unknown> = {
  [K in keyof T]?: T[K] | Condition | Selector<T[K]>
} & {
  $and?: readonly Selector<T>[]
  $or?: readonly Selector<T>[]
  $nor?: readonly Selector<T>[]
  $not?: Selector<T>
} & { [path: string]: unknown }

export interface QueryOptions<T = unknown> {
  selector?: Selector<T>
  /** Only messages on these subjects: a filter as of a subscription. */
  subject?: string
  /** Every message, not only the last one of each subject. */
  log?: boolean
  /** As of this sequence or time, as far as the stream still has what it had then. */
  upTo?: number | Date
  sort?: readonly (string | { readonly [field: string]: 'asc' | 'desc' })[]
  limit?: number
  skip?: number
  /** Go on behind the page that gave it. */
  bookmark?: string
  /** Of each document only these fields. */
  fields?: readonly string[]
  /** Only how many there are. */
  count?: boolean
  /** How many there are of each kind, and what their fields come to. */
  group?: {
    by?: readonly string[]
    sum?: readonly string[]
    avg?: readonly string[]
    min?: readonly string[]
    max?: readonly string[]
  }
  /** Only how many there are and what was read to find them. */
  explain?: boolean
  /** Ends the query; it rejects with the signal's reason. */
  signal?: AbortSignal
}

/** A document and the message that holds it. */
export interface QueryRow<T = unknown> {
  seq: number
  subject: string
  /** When it was stored, RFC 3339. */
  time: string
  doc: T
}

export interface QueryGroup {
  /** The values of the fields of `group.by`. */
  key: unknown[]
  count: number
  sum?: Record<string, number>
  avg?: Record<string, number | null>
  min?: Record<string, unknown>
  max?: Record<string, unknown>
}

export interface QueryResult<T = unknown> {
  rows: QueryRow<T>[]
  /** Of a query with `group`, in the order of their keys. */
  groups: QueryGroup[]
  /** Of a query with `count` or `explain`. */
  count?: number
  /** Behind the last row, where there may be more. */
  bookmark?: string
  /** Documents that were looked at. */
  scanned: number
  /** Messages whose payload is no JSON; they are passed over. */
  noJson: number
  /** The stream's last sequence that the answer knows of. */
  lastSeq: number
  /** The index that was used; `null` when documents were looked at one by one. */
  index: string | null
}

/** The rows of a live query, and what has just changed of them. */
export interface LiveRows<T = unknown> {
  /** By subject, in the order in which they came. A new map each time. */
  rows: ReadonlyMap<string, QueryRow<T>>
  changes: readonly LiveChange<T>[]
}

/** A removed row is shown as it was. */
export interface LiveChange<T = unknown> extends QueryRow<T> {
  op: 'added' | 'changed' | 'removed'
}

export type LiveOptions<T = unknown> = Pick<
  QueryOptions<T>,
  'selector' | 'subject' | 'fields' | 'signal'
>

interface Answer {
  reset?: boolean
  ready?: boolean
  changes?: LiveChange[]
  rows?: unknown[]
  done?: boolean
  error?: { code: number; err_code?: number; description: string }
  count?: number
  bookmark?: string
  index?: string
  scanned: number
  no_json: number
  last_seq: number
}

/** The subject of a request about one stream. */
export function requestTo(what: string, stream: string): string {
  if (typeof stream !== 'string' || !/^[^\s.*>]+$/.test(stream)) {
    throw new RequestError(`${JSON.stringify(stream)} is no name of a stream`)
  }
  return `$FROND.${what}.${stream}`
}

function requestOf({ upTo, signal: _, ...options }: QueryOptions, live = false): string {
  if ('live' in options) throw new RequestError('live: is what node.live() is for')
  JSON.stringify(options.selector, refuseLost)
  const time = upTo instanceof Date
  if (upTo !== undefined && !time && !Number.isSafeInteger(upTo)) {
    throw new RequestError('upTo: is neither a sequence nor a Date')
  }
  return JSON.stringify({
    ...options,
    ...(upTo !== undefined && (time ? { up_to_time: upTo.toISOString() } : { up_to_seq: upTo })),
    ...(live && { live }),
  })
}

/** What JSON would leave out or make another value of finds other documents than were meant. */
function refuseLost(key: string, value: unknown): unknown {
  const lost =
    (key !== '' && value === undefined) ||
    typeof value === 'function' ||
    value instanceof RegExp ||
    (typeof value === 'number' && !Number.isFinite(value))
  if (lost) throw new RequestError(`selector: ${key}: ${String(value)} is nothing that JSON has`)
  return value
}

/** The answers of one request, each as it comes, until the one that is the last. */
function answers(
  connection: NatsConnection,
  request: string,
  body: string,
  signal: AbortSignal | undefined,
  onAnswer: (answer: Answer) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let subscription: Subscription | undefined
    const end = (settle: () => void): void => {
      signal?.removeEventListener('abort', cancel)
      // The node stops at once when nobody listens any more.
      subscription?.unsubscribe()
      settle()
    }
    const cancel = (): void => end(() => reject(signal?.reason))
    const read = (message: Msg): void => {
      if (message.headers?.code === 503) throw new RequestError('the node does not answer', 503)
      const answer = message.json<Answer>()
      const { error } = answer
      if (error !== undefined) throw new RequestError(error.description, error.err_code)
      if (onAnswer(answer)) end(resolve)
    }
    signal?.throwIfAborted()
    signal?.addEventListener('abort', cancel)
    const inbox = createInbox()
    subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        try {
          if (error !== null) throw error
          read(message)
        } catch (failure) {
          end(() => reject(failure))
        }
      },
    })
    void subscription.closed.then(() => reject(new NodeClosedError('the node is closed')))
    connection.publish(request, body, { reply: inbox })
  })
}

export async function query<T>(
  connection: NatsConnection,
  stream: string,
  options: QueryOptions<T>,
): Promise<QueryResult<T>> {
  const rows: unknown[] = []
  let last: Answer | undefined
  const body = requestOf(options as QueryOptions)
  await answers(connection, requestTo('QUERY', stream), body, options.signal, (answer) => {
    for (const row of answer.rows ?? []) rows.push(row)
    last = answer
    return answer.done === true
  })
  const { count, bookmark, index, scanned, no_json, last_seq } = last as Answer
  return {
    rows: (options.group === undefined ? rows : []) as QueryRow<T>[],
    groups: (options.group === undefined ? [] : rows) as QueryGroup[],
    ...(count !== undefined && { count }),
    ...(bookmark !== undefined && { bookmark }),
    scanned,
    noJson: no_json,
    lastSeq: last_seq,
    index: index ?? null,
  }
}

/** Calls `onRows` with the rows that are there, then after each change, until the signal ends it or it fails. */
export function followRows<T>(
  connection: NatsConnection,
  stream: string,
  options: LiveOptions<T>,
  onRows: (rows: LiveRows<T>) => void,
): Promise<void> {
  let rows = new Map<string, QueryRow>()
  let changes: LiveChange[] = []
  let before = rows
  const body = requestOf(options as QueryOptions, true)
  return answers(connection, requestTo('QUERY', stream), body, options.signal, (answer) => {
    if (answer.reset === true) {
      before = rows
      rows = new Map()
      changes = []
    }
    for (const { op, ...row } of answer.changes ?? []) {
      const known = rows.get(row.subject) ?? before.get(row.subject)
      if (op !== 'removed') rows.set(row.subject, row)
      else rows.delete(row.subject)
      changes.push({ op, ...(op === 'removed' && known !== undefined ? known : row) })
    }
    if (answer.ready !== true) return false
    onRows({ rows: new Map(rows), changes } as LiveRows<T>)
    changes = []
    return false
  })
}
