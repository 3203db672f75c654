/**
 * One Wasm instance with one engine in it. Inputs go in by typed calls, bytes through the scratch
 * buffer; outputs come back as calls on `Outputs` before an input returns. Whatever the instance
 * throws is a trap: from then on it is never entered again, and `onTrap` is told once.
 */
import type { FileOperation } from '../storage/storage.js'
import type { HubSettings, NodeSettings } from './messages.js'
import { NodeClock } from './node_clock.js'
import type { Signer } from './signer.js'
import type { FileSystem, FrondHost, FrondModule, ModuleFactory } from './wasm_module.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** What the engine asks of its host (output.h). Bytes belong to the receiver. */
export interface Outputs {
  send(connection: number, bytes: Uint8Array<ArrayBuffer>): void
  close(connection: number, reason: string): void
  dial(connection: number, url: string): void
  hold(connection: number, held: boolean): void
  commit(ticket: number, operations: FileOperation[]): void
  notice(kind: number, text: string): void
}

export interface WasmSource {
  create: ModuleFactory
  /** Compiled once, instantiated at each start. */
  module: WebAssembly.Module
}

export class WasmNode {
  private dead = false
  private readonly clock = new NodeClock()
  private readonly wasm: FrondModule
  private readonly onTrap: (cause: string) => void
  private readonly lastWords: string[]

  private constructor(wasm: FrondModule, lastWords: string[], onTrap: (cause: string) => void) {
    this.wasm = wasm
    this.lastWords = lastWords
    this.onTrap = onTrap
  }

  /** Makes an instance with no engine in it yet: storage is mounted on `fs` between this and open(). */
  static async instantiate(
    source: WasmSource,
    outputs: Outputs,
    signer: Signer,
    onTrap: (cause: string) => void,
  ): Promise<WasmNode> {
    const lastWords: string[] = []
    const remember = (text: string): void => {
      lastWords.push(text)
      if (lastWords.length > 5) lastWords.shift()
    }
    const host = new HeapHost(outputs, signer)
    const wasm = await new Promise<FrondModule>((resolve, reject) => {
      source
        .create({
          frondHost: host,
          instantiateWasm: (imports, done) => {
            WebAssembly.instantiate(source.module, imports).then(
              (instance) => done(instance, source.module),
              reject,
            )
            return {}
          },
          print: remember,
          printErr: remember,
        })
        .then(resolve, reject)
    })
    host.heap = () => wasm.HEAPU8
    return new WasmNode(wasm, lastWords, onTrap)
  }

  get fs(): FileSystem {
    return this.wasm.FS
  }

  /** Recovers everything from the mount; answers what could not be read or is of a later version, if anything. */
  open(
    settings: NodeSettings,
    root: string,
    storage: { appends: boolean; persistent: boolean },
  ): string | undefined {
    const { appends, persistent } = storage
    return this.enter((now) => {
      const [config = 0, path = 0] = this.lend(configOf(settings), root)
      const { monotonic, wall } = now
      return this.answer(this.wasm._frond_open(config, path, appends, persistent, monotonic, wall))
    })
  }

  accept(connection: number, address: string): void {
    this.enter((now) => {
      const [length = 0] = this.lend(address)
      this.wasm._frond_accept(connection, length, now.monotonic, now.wall)
    })
  }

  received(connection: number, bytes: Uint8Array): void {
    this.enter((now) => {
      const scratch = this.wasm._frond_scratch(bytes.length)
      this.wasm.HEAPU8.set(bytes, scratch)
      this.wasm._frond_received(connection, bytes.length, now.monotonic, now.wall)
    })
  }

  sent(connection: number, bytes: number): void {
    this.enter((now) => this.wasm._frond_sent(connection, bytes, now.monotonic, now.wall))
  }

  closed(connection: number, cause: string): void {
    this.enter((now) => {
      const [length = 0] = this.lend(cause)
      this.wasm._frond_closed(connection, length, now.monotonic, now.wall)
    })
  }

  stored(ticket: number, error: string): void {
    this.enter((now) => {
      const [length = 0] = this.lend(error)
      this.wasm._frond_stored(ticket, length, now.monotonic, now.wall)
    })
  }

  dialled(connection: number): void {
    this.enter((now) => this.wasm._frond_dialled(connection, now.monotonic, now.wall))
  }

  tick(): void {
    this.enter((now) => this.wasm._frond_tick(now.monotonic, now.wall))
  }

  networkHint(online: boolean): void {
    this.enter((now) => this.wasm._frond_network_hint(online, now.monotonic, now.wall))
  }

  changeHub(hub: HubSettings): void {
    const json = JSON.stringify(hubOf(hub))
    this.enter((now) => {
      const [length = 0] = this.lend(json)
      this.wasm._frond_change_hub(length, now.monotonic, now.wall)
    })
  }

  pauseLink(): void {
    this.enter((now) => this.wasm._frond_pause_link(now.monotonic, now.wall))
  }

  resumeLink(): void {
    this.enter((now) => this.wasm._frond_resume_link(now.monotonic, now.wall))
  }

  shutdown(): void {
    this.enter((now) => this.wasm._frond_shutdown(now.monotonic, now.wall))
  }

  /** When tick() is due, by the node's own clock; Infinity when nothing waits. */
  nextDeadline(): number {
    return this.enter(() => this.wasm._frond_next_deadline()) ?? Number.POSITIVE_INFINITY
  }

  /** Milliseconds until then, never negative. */
  millisUntil(deadline: number): number {
    return Math.max(0, deadline - this.clock.read().monotonic)
  }

  idle(): boolean {
    return this.enter(() => this.wasm._frond_idle() !== 0) ?? true
  }

  statusJson(): string | undefined {
    return this.enter(() => this.answer(this.wasm._frond_status()))
  }

  /** Never to be entered again, without a trap: the node is being closed. */
  retire(): void {
    this.dead = true
  }

  /** Puts texts into the scratch buffer, one after the other; how many bytes each has. */
  private lend(...texts: string[]): number[] {
    const pieces = texts.map((text) => encoder.encode(text))
    let at = this.wasm._frond_scratch(pieces.reduce((sum, { length }) => sum + length, 0))
    return pieces.map((piece) => {
      this.wasm.HEAPU8.set(piece, at)
      at += piece.length
      return piece.length
    })
  }

  private answer(length: number): string {
    const at = this.wasm._frond_answer()
    return decoder.decode(this.wasm.HEAPU8.subarray(at, at + length))
  }

  private enter<T>(call: (now: NodeClock) => T): T | undefined {
    if (this.dead) return undefined
    try {
      return call(this.clock.read())
    } catch (error) {
      this.dead = true
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      this.onTrap([text, ...this.lastWords].join('\n'))
      return undefined
    }
  }
}

/** C++'s side of the boundary (boundary.h): copies bytes out of the heap, gathers commits. */
class HeapHost implements FrondHost {
  heap: () => Uint8Array = () => new Uint8Array()
  private ticket = 0
  private operations: FileOperation[] = []
  private readonly outputs: Outputs
  private readonly signer: Signer

  constructor(outputs: Outputs, signer: Signer) {
    this.outputs = outputs
    this.signer = signer
  }

  send(connection: number, pointer: number, length: number): void {
    this.outputs.send(connection, this.copy(pointer, length))
  }

  close(connection: number, reason: string): void {
    this.outputs.close(connection, reason)
  }

  dial(connection: number, url: string): void {
    this.outputs.dial(connection, url)
  }

  hold(connection: number, held: boolean): void {
    this.outputs.hold(connection, held)
  }

  notice(kind: number, text: string): void {
    this.outputs.notice(kind, text)
  }

  commitBegin(ticket: number): void {
    this.ticket = ticket
    this.operations = []
  }

  commitWrite(path: string, pointer: number, length: number): void {
    this.operations.push({ type: 'write', path, contents: this.copy(pointer, length) })
  }

  commitAppend(path: string, offset: number, pointer: number, length: number): void {
    this.operations.push({ type: 'append', path, offset, contents: this.copy(pointer, length) })
  }

  commitRemove(path: string): void {
    this.operations.push({ type: 'remove', path })
  }

  commitEnd(): void {
    this.outputs.commit(this.ticket, this.operations)
    this.operations = []
  }

  publicKey(): string {
    return this.signer.publicKey()
  }

  sign(nonce: Uint8Array): string {
    return this.signer.sign(nonce)
  }

  private copy(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.heap().subarray(pointer, pointer + length))
  }
}

/** wasm/config_json.h. */
function configOf(settings: NodeSettings): string {
  const { name, domain, hub } = settings
  return JSON.stringify({
    name,
    domain,
    storage_bytes_max: settings.storageBytesMax,
    memory_bytes_max: settings.memoryBytesMax,
    hub: hub && hubOf(hub),
  })
}

/** The nkey seed stays in JavaScript. */
function hubOf({ nkeySeed: _, ...hub }: HubSettings): Omit<HubSettings, 'nkeySeed'> {
  return hub
}
