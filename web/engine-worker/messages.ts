/**
 * Every message that crosses a context. Three channels: the control port between a page (client)
 * and the node server; one port for each NATS connection; and the MessagePorts themselves, which
 * travel on the control port. In Node.js both ends are in one process and speak the same.
 */
import type { HubSettings, NodeSettings } from './settings.js'
import type { NodeEvent } from './status.js'

export * from './settings.js'
export * from './status.js'

/** Page to worker, on the control port. */
export type ControlRequest =
  /** With `asksHub` the page has a provider: it is asked where the hub is before each dial. */
  | { type: 'open'; id: number; settings: NodeSettings; aliveLock?: string; asksHub?: boolean }
  | { type: 'connect'; id: number; port: MessagePort }
  | { type: 'status'; id: number }
  | { type: 'pause'; id: number }
  | { type: 'resume'; id: number }
  | { type: 'settle'; id: number }
  | { type: 'close'; id: number }
  | { type: 'hub'; id: number; hub: HubSettings }
  | { type: 'network'; online: boolean }
  /** The answer to `ask_hub`. */
  | { type: 'hub_is'; ask: number; hub?: HubSettings; error?: string }

export interface Opened {
  name: string
  domain: string
}

/** Worker to page, on the control port. */
export type ControlReply =
  | { type: 'reply'; id: number; value: unknown }
  | { type: 'failed'; id: number; error: WireError }
  | { type: 'event'; event: NodeEvent }
  | { type: 'ask_hub'; ask: number }

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
