/** What a node is opened with, checked and in the worker's own form. */
import type { Durability } from './status.js'

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
