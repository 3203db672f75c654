/**
 * Every message that crosses a context. Three channels: the control port between a page (client)
 * and the node server; one port for each NATS connection; and the MessagePorts themselves, which
 * travel on the control port. In Node.js both ends are in one process and speak the same.
 */

/** How to reach the hub, already made of what the user gave (`creds` is taken apart on the page). */
export interface HubSettings {
  url: string
  domain?: string
  user?: string
  password?: string
  token?: string
  jwt?: string
  nkeySeed?: string
}

export type Durability = 'relaxed' | 'strict'

/** What one node is opened with; the first opener of a shared node decides. */
export interface NodeSettings {
  name: string
  domain: string
  storage: StorageSettings
  hub?: HubSettings
  storageBytesMax?: number
  memoryBytesMax?: number
}

export type StorageSettings =
  | { kind: 'indexeddb'; durability: Durability }
  | { kind: 'memory' }
  | { kind: 'directory'; directory: string }

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

export interface LinkStatus {
  state: LinkState
  cause?: string
  since?: string
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

/** What happens to a node apart from answers to its clients. */
export type NodeEvent =
  | ({ type: 'link' } & LinkStatus)
  | { type: 'storage'; error: string }
  | { type: 'lost'; name: string; message: string }
  | { type: 'quarantine'; text: string }
  | { type: 'restart'; cause: string }
  | { type: 'log'; text: string }

/** Page to worker, on the control port. */
export type ControlRequest =
  | { type: 'open'; id: number; settings: NodeSettings; aliveLock?: string }
  | { type: 'connect'; id: number; port: MessagePort }
  | { type: 'status'; id: number }
  | { type: 'pause'; id: number }
  | { type: 'resume'; id: number }
  | { type: 'close'; id: number }
  | { type: 'network'; online: boolean }

export interface Opened {
  name: string
  domain: string
}

/** Worker to page, on the control port. */
export type ControlReply =
  | { type: 'reply'; id: number; value: unknown }
  | { type: 'failed'; id: number; error: WireError }
  | { type: 'event'; event: NodeEvent }

/** An error as it travels: `name` picks the class on the other side. */
export interface WireError {
  name: string
  message: string
}

/** On a connection's port, both ways: protocol bytes, the reader's progress, or the end. */
export type PortMessage =
  | ArrayBuffer
  /** So much of what the other end posted has been taken. */
  | { type: 'consumed'; bytes: number }
  | { type: 'close'; reason: string }

export function toWireError(error: unknown): WireError {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) }
}
