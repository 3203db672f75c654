/**
 * Nothing survives the process: asked for, or all there is when IndexedDB is not available. The
 * files outlive a trap of the engine, because MEMFS keeps them in JavaScript.
 */
import type { StorageStatus } from '../engine-worker/messages.js'
import type { FileSystem } from '../engine-worker/wasm_module.js'
import { apply, exists, files, mountPoint } from './mount.js'
import { type FileOperation, type StorageBackend, Tenure } from './storage.js'

export class MemoryStorage implements StorageBackend {
  readonly appends = false
  readonly persistent = false
  readonly tenure = new Tenure()
  /** Called when the store has been closed. */
  onClosed: () => void = () => undefined
  claimName?: () => Promise<void>
  private fs: FileSystem | undefined
  private readonly root: string
  private readonly cause: string | undefined

  /** `cause` says why the node is in memory although it was to be elsewhere. */
  constructor(node: string, cause?: string) {
    this.root = mountPoint(node)
    this.cause = cause
  }

  async mount(fs: FileSystem): Promise<string> {
    fs.mkdirTree(this.root)
    const before = this.fs
    this.fs = fs
    if (before !== undefined && exists(before, this.root)) {
      for (const [path] of files(before, this.root)) {
        const operation: FileOperation = {
          type: 'write',
          path: path.slice(this.root.length + 1),
          contents: before.readFile(path),
        }
        apply(fs, this.root, operation, Date.now())
      }
    }
    return this.root
  }

  async commit(operations: readonly FileOperation[]): Promise<void> {
    if (this.fs === undefined) return
    for (const operation of operations) apply(this.fs, this.root, operation, Date.now())
  }

  async check(): Promise<void> {}

  async status(): Promise<StorageStatus> {
    let bytes = 0
    if (this.fs !== undefined) for (const [, size] of files(this.fs, this.root)) bytes += size
    const status: StorageStatus = { kind: 'memory', persistent: false, bytes }
    if (this.cause !== undefined) status.cause = this.cause
    return status
  }

  async close(): Promise<void> {
    this.fs = undefined
    this.onClosed()
  }
}
