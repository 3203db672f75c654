/**
 * The connections of one node as the worker has them: its clients' ports and the sockets to its hub,
 * by the engine's handles. What happens on them becomes inputs of the engine; bytes that the engine
 * sends are flushed when the input that caused them is done. node_server has one, over restarts of
 * the engine too.
 */
import { ClientPort } from './client_port.js'
import { HubSocket, type OpenSocket } from './hub_socket.js'
import type { WasmNode } from './wasm_node.js'

/** Calls the engine and carries out what follows; does nothing while there is none. */
export type Input = (call: (node: WasmNode) => void) => void

export class Connections {
  private readonly input: Input
  private readonly openSocket: OpenSocket
  private readonly clients = new Map<number, ClientPort>()
  private readonly hubs = new Map<number, HubSocket>()
  private readonly dirty = new Set<ClientPort>()

  constructor(input: Input, openSocket: OpenSocket) {
    this.input = input
    this.openSocket = openSocket
  }

  /** A client of a page. */
  accept(handle: number, port: MessagePort): void {
    const client = new ClientPort(port, {
      received: (bytes) => this.input((node) => node.received(handle, bytes)),
      sent: (bytes) => this.input((node) => node.sent(handle, bytes)),
      closed: (reason) => {
        this.clients.delete(handle)
        this.input((node) => node.closed(handle, reason))
      },
    })
    this.clients.set(handle, client)
    this.input((node) => node.accept(handle, 'page'))
  }

  /** The page of this client is gone. */
  disconnect(handle: number): void {
    const client = this.clients.get(handle)
    if (client === undefined) return
    this.clients.delete(handle)
    client.close('page closed')
    this.input((node) => node.closed(handle, 'Client Closed'))
  }

  dial(connection: number, url: string): void {
    const socket = new HubSocket(url, this.openSocket, {
      opened: () => this.input((node) => node.dialled(connection)),
      received: (bytes) => this.input((node) => node.received(connection, bytes)),
      sent: (bytes) => this.input((node) => node.sent(connection, bytes)),
      closed: (cause) => {
        this.hubs.delete(connection)
        this.input((node) => node.closed(connection, cause))
      },
    })
    this.hubs.set(connection, socket)
  }

  send(connection: number, bytes: Uint8Array<ArrayBuffer>): void {
    const client = this.clients.get(connection)
    if (client !== undefined) {
      client.send(bytes)
      this.dirty.add(client)
    } else this.hubs.get(connection)?.send(bytes)
  }

  /** The engine has closed it. */
  close(connection: number, reason: string): void {
    this.clients.get(connection)?.close(reason)
    this.clients.delete(connection)
    this.hubs.get(connection)?.close()
    this.hubs.delete(connection)
  }

  /** The disk is behind: what this connection sends waits. */
  hold(connection: number, held: boolean): void {
    this.clients.get(connection)?.hold(held)
    this.hubs.get(connection)?.hold(held)
  }

  flush(): void {
    for (const client of this.dirty) client.flush()
    this.dirty.clear()
  }

  /** Every connection ends; the engine need not be told, it is gone or done. */
  drop(reason: string): void {
    this.dirty.clear()
    for (const client of this.clients.values()) client.close(reason)
    this.clients.clear()
    for (const hub of this.hubs.values()) hub.close()
    this.hubs.clear()
  }
}
