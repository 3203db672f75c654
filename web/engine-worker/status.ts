/**
 * What a node tells of itself, as the app sees it: part of the package's types, so nothing in here
 * needs more than the language's own.
 */

/** What an acknowledged message survives: a killed browser, or a power cut too. */
export type Durability = 'relaxed' | 'strict'

/** What status() answers about where the data is. */
export interface StorageStatus {
  kind: 'indexeddb' | 'memory' | 'directory'
  /** False when nothing survives this process. */
  persistent: boolean
  /** Why the node is in memory although it was asked for something else. */
  cause?: string
  /** Why the node has stopped: its store was taken by another owner, deleted or replaced. */
  lost?: string
  /** True when this opening found no store and made one: none was here, or it is gone. */
  created?: boolean
  /** Size of the node's files. */
  bytes?: number
  /** What the browser gives to this origin in all, and how much of it all of the origin uses. */
  quota?: number
  originBytes?: number
  /** True when the browser has promised not to evict the origin. */
  durable?: boolean
}

export type LinkState = 'none' | 'offline' | 'connecting' | 'online' | 'refused' | 'paused'

/** Why there is no link; docs/link.md says what to do about each. */
export type LinkCode =
  | 'unreachable'
  | 'http'
  | 'origin'
  | 'tls'
  | 'no_leaf'
  | 'wrong_path'
  | 'protocol'
  | 'credentials'
  | 'expired'
  | 'revoked'
  | 'permissions'
  | 'limit'
  | 'version'
  | 'duplicate'
  | 'cluster_name'
  | 'loop'
  | 'domain'
  | 'stale'
  | 'slow'
  | 'payload'
  | 'shutdown'
  | 'closed'

export interface LinkStatus {
  state: LinkState
  /** Why there is no link, or what is wrong with it (`domain`). */
  code?: LinkCode
  /** The same in words, with what the hub said. */
  cause?: string
  /** When it came about that there is a link, or none; tries in between change nothing. */
  since?: string
  /** Tries that have failed since then. */
  attempts?: number
  /** When the next one is due. */
  next?: string
  /** Where the hub is. */
  url?: string
  /** The server at the other end, while or since there is a link. */
  hub?: { name: string; version: string; domain?: string }
}

/** Where the engine runs. */
export type Owner = 'shared-worker' | 'worker' | 'process'

export interface NodeStatus {
  name: string
  domain: string
  storage: StorageStatus
  link: LinkStatus
  owner: Owner
  /** Number of streams. */
  streams: number
  /** How often the engine was restarted from its log since the node was opened. */
  restarts: number
}

/** How one stream is synced with the hub: the answer of `$FROND.SYNC.INFO.<stream>`. */
export interface SyncInfo {
  way: 'mirror' | 'source' | 'forward' | 'two-way'
  /** Messages that are not on the other side yet: `queued` and `lag`. */
  pending: number
  /** Messages that are not at the hub yet. */
  queued: number
  /** Messages that are not here yet. */
  lag: number
  /** Messages sent whose acknowledgement has not come yet. */
  inFlight: number
  /** Messages sent before a cut and not acknowledged: looked up at the hub before they are sent again. */
  inDoubt: number
  /** Messages that the hub will never take: they are in the stream `<stream>_REFUSED`. */
  refused: number
  /** The hub's stream, once it is known. */
  hubStream?: string
  /** Sequence there of the last message acknowledged (forward), copied (mirror) or looked at (two-way). */
  hubSequence: number
  /** When the other side was last heard. */
  lastContact?: string
  /** Why it does not go on, or what the hub said last. */
  lastError?: string
  /** Of each message that was asked about. */
  messages?: SyncedMessage[]
}

/** What became of one message of a synced stream. */
export interface SyncedMessage {
  /** Its sequence here. */
  seq: number
  /** `stored`: at the hub. `refused`: among the dead letters. `unknown`: no such message, or a way that does not tell. */
  state: 'queued' | 'sent' | 'in doubt' | 'stored' | 'refused' | 'unknown'
  /** Where it is stored, while that is remembered. */
  hubSequence?: number
  /** What the hub said of a refused one. */
  why?: string
}

/** What happens to a node apart from answers to its clients. */
export type NodeEvent =
  | ({ type: 'link' } & LinkStatus)
  | ({ type: 'sync'; stream: string } & SyncInfo)
  | { type: 'storage'; error: string }
  | { type: 'lost'; name: string; message: string }
  | { type: 'quarantine'; text: string }
  | { type: 'restart'; cause: string }
  | { type: 'log'; text: string }
