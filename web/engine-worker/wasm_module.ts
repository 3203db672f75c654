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

/** What JavaScript calls (wasm/exports.cc): numbers only; lengths are of what lies in the scratch buffer. */
export interface FrondModule {
  readonly HEAPU8: Uint8Array
  readonly FS: FileSystem
  _frond_scratch(length: number): number
  /** Where the text lies whose length frond_open or frond_status has just returned. */
  _frond_answer(): number
  _frond_open(
    configLength: number,
    rootLength: number,
    appends: boolean,
    persistent: boolean,
    monotonic: number,
    wall: number,
  ): number
  _frond_accept(connection: number, addressLength: number, monotonic: number, wall: number): void
  _frond_received(connection: number, length: number, monotonic: number, wall: number): void
  _frond_sent(connection: number, bytes: number, monotonic: number, wall: number): void
  _frond_closed(connection: number, causeLength: number, monotonic: number, wall: number): void
  _frond_stored(ticket: number, errorLength: number, monotonic: number, wall: number): void
  _frond_dialled(connection: number, monotonic: number, wall: number): void
  _frond_tick(monotonic: number, wall: number): void
  _frond_next_deadline(): number
  _frond_network_hint(online: boolean, monotonic: number, wall: number): void
  _frond_change_hub(hubLength: number, monotonic: number, wall: number): void
  _frond_pause_link(monotonic: number, wall: number): void
  _frond_resume_link(monotonic: number, wall: number): void
  _frond_shutdown(monotonic: number, wall: number): void
  _frond_idle(): number
  _frond_status(): number
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
