/** Queries over the documents of a stream: the request `$FROND.QUERY.<stream>` and its answers. */
import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core'
import { NodeClosedError, RequestError } from './errors.js'
import type {
  LiveChange,
  LiveOptions,
  LiveRows,
  QueryGroup,
  QueryOptions,
  QueryResult,
  QueryRow,
} from './query_types.js'
import type { SchemaResult } from './standard_schema.js'

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

function requestOf(
  { upTo, signal: _, schema: _s, ...options }: QueryOptions,
  live = false,
): string {
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

/** What is to be done when a connection is back: the engine that had its requests has been started anew. */
const returns = new WeakMap<NatsConnection, Set<() => void>>()

function onReturn(connection: NatsConnection): Set<() => void> {
  const known = returns.get(connection)
  if (known !== undefined) return known
  const listeners = new Set<() => void>()
  returns.set(connection, listeners)
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === 'reconnect') for (const listener of listeners) listener()
    }
  })()
  return listeners
}

/**
 * The answers of one request, each as it comes, until the one that is the last. `onRestart` is told when
 * they begin anew.
 */
function answers(
  connection: NatsConnection,
  request: string,
  body: string,
  signal: AbortSignal | undefined,
  onAnswer: (answer: Answer) => boolean,
  onRestart: () => void = () => undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let subscription: Subscription | undefined
    const returned = onReturn(connection)
    const end = (settle: () => void): void => {
      signal?.removeEventListener('abort', cancel)
      returned.delete(again)
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
    void subscription.closed.then(() =>
      end(() => reject(new NodeClosedError('the node is closed'))),
    )
    const ask = (): void => connection.publish(request, body, { reply: inbox })
    const again = (): void => {
      onRestart()
      ask()
    }
    returned.add(again)
    ask()
  })
}

function docOf<T>({ seq, subject }: QueryRow, result: SchemaResult<T>): T {
  if (result.issues === undefined) return result.value
  const said = result.issues.map(({ message, path = [] }) => {
    const names = path.map((part) => String(typeof part === 'object' ? part.key : part))
    return `${names.join('.') || 'the document'}: ${message}`
  })
  throw new RequestError(`${subject}, sequence ${seq}, is not of the schema: ${said.join('; ')}`)
}

export async function query<T>(
  connection: NatsConnection,
  stream: string,
  options: QueryOptions<T>,
): Promise<QueryResult<T>> {
  let rows: unknown[] = []
  let last: Answer | undefined
  const take = (answer: Answer): boolean => {
    for (const row of answer.rows ?? []) rows.push(row)
    last = answer
    return answer.done === true
  }
  // To the node a limit of 0 is none.
  const nothing = options.limit === 0
  const body = requestOf((nothing ? { ...options, limit: 1 } : options) as QueryOptions)
  await answers(connection, requestTo('QUERY', stream), body, options.signal, take, () => {
    rows = []
  })
  const { schema, group } = options
  if (nothing) rows = []
  if (schema !== undefined && group === undefined) {
    for (const row of rows as QueryRow[]) {
      row.doc = docOf(row, await schema['~standard'].validate(row.doc))
    }
  }
  const { count, bookmark, index, scanned, no_json, last_seq } = last as Answer
  return {
    rows: (group === undefined ? rows : []) as QueryRow<T>[],
    groups: (group === undefined ? [] : rows) as QueryGroup[],
    ...(count !== undefined && { count }),
    ...(bookmark !== undefined && !nothing && { bookmark }),
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
  const reset = (): void => {
    before = rows
    rows = new Map()
    changes = []
  }
  const take = (answer: Answer): boolean => {
    if (answer.reset === true) reset()
    for (const { op, ...row } of answer.changes ?? []) {
      const checked = op !== 'removed' && options.schema?.['~standard'].validate(row.doc)
      if (checked instanceof Promise) throw new RequestError('schema: is one that answers later')
      if (checked) row.doc = docOf(row, checked)
      const known = rows.get(row.subject) ?? before.get(row.subject)
      if (op !== 'removed') rows.set(row.subject, row)
      else rows.delete(row.subject)
      changes.push({ op, ...(op === 'removed' && known !== undefined ? known : row) })
    }
    if (answer.ready !== true) return false
    onRows({ rows: new Map(rows), changes } as LiveRows<T>)
    changes = []
    return false
  }
  const body = requestOf(options as QueryOptions, true)
  return answers(connection, requestTo('QUERY', stream), body, options.signal, take, reset)
}
