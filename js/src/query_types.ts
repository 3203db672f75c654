/** What a query takes and answers: types only. */
import type { StandardSchema } from './standard_schema.js'

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
  selector?: Selector<NoInfer<T>>
  /**
   * Of any library with Standard Schema: gives the documents their type, and each is what the schema makes of
   * it. One that is not of the schema ends the query with a RequestError. (Of a live query: without promises.)
   */
  schema?: StandardSchema<unknown, T>
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
  'selector' | 'schema' | 'subject' | 'fields' | 'signal'
>
