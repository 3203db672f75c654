/** The shape of the Emscripten module that wasm/ builds, as far as we use it. */

/** Emscripten's FS: the few calls of its interface that the backends need. */
export interface FileSystem {
  readonly filesystems: {
    readonly IDBFS: FileSystemType & { quit(): void }
    readonly NODEFS: FileSystemType
  }
  mkdirTree(path: string): void
  mount(type: FileSystemType, options: { root?: string }, path: string): void
  syncfs(populate: boolean, done: (error: unknown) => void): void
  analyzePath(path: string): { exists: boolean }
  readdir(path: string): string[]
  stat(path: string): { mode: number; size: number; mtime: Date }
  isDir(mode: number): boolean
  readFile(path: string): Uint8Array
  writeFile(path: string, contents: Uint8Array, options: { canOwn: boolean }): void
  utime(path: string, accessed: number, modified: number): void
  unlink(path: string): void
}

export interface FileSystemType {
  readonly mount: unknown
}

/** What C++ calls (wasm/boundary.h). Implementations must not call back into the module. */
export interface FrondHost {
  send(connection: number, pointer: number, length: number): void
  close(connection: number, reason: string): void
  dial(connection: number, url: string): void
  hold(connection: number, held: boolean): void
  notice(kind: number, text: string): void
  commitBegin(ticket: number): void
  commitWrite(path: string, pointer: number, length: number): void
  commitAppend(path: string, offset: number, pointer: number, length: number): void
  commitRemove(path: string): void
  commitEnd(): void
  publicKey(): string
  sign(nonce: Uint8Array): string
}

/** What JavaScript calls (wasm/exports.cc). */
export interface FrondModule {
  readonly HEAPU8: Uint8Array
  readonly FS: FileSystem
  _frond_scratch(length: number): number
  _frond_received(connection: number, length: number, monotonic: number, wall: number): void
  _frond_sent(connection: number, bytes: number, monotonic: number, wall: number): void
  _frond_tick(monotonic: number, wall: number): void
  _frond_next_deadline(): number
  open(
    config: string,
    root: string,
    appends: boolean,
    persistent: boolean,
    monotonic: number,
    wall: number,
  ): string
  accept(
    connection: number,
    address: string,
    websocket: boolean,
    trusted: boolean,
    monotonic: number,
    wall: number,
  ): void
  closed(connection: number, cause: string, monotonic: number, wall: number): void
  stored(ticket: number, error: string, monotonic: number, wall: number): void
  dialled(connection: number, monotonic: number, wall: number): void
  networkHint(online: boolean, monotonic: number, wall: number): void
  changeHub(hub: string, monotonic: number, wall: number): void
  pauseLink(monotonic: number, wall: number): void
  resumeLink(monotonic: number, wall: number): void
  shutdown(monotonic: number, wall: number): void
  idle(): boolean
  statusJson(): string
}

export interface ModuleOptions {
  frondHost: FrondHost
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object
  print(text: string): void
  printErr(text: string): void
}

export type ModuleFactory = (options: ModuleOptions) => Promise<FrondModule>
