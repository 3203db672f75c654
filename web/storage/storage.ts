/**
 * What a storage backend is to the node server: it prepares the mount that the engine reads from,
 * and makes commits durable. One backend belongs to one node for as long as that is open; the
 * engine may be restarted on it, then `mount` is called again with the new instance's file system.
 */
import type { StorageStatus } from '../engine-worker/messages.js'
import type { FileSystem } from '../engine-worker/wasm_module.js'

/** One step of a commit; paths are relative to the node's root, contents belong to the receiver. */
export type FileOperation =
  | { type: 'write'; path: string; contents: Uint8Array }
  | { type: 'append'; path: string; offset: number; contents: Uint8Array }
  | { type: 'remove'; path: string }

export interface StorageBackend {
  /** True when an append costs only the appended bytes. */
  readonly appends: boolean
  readonly persistent: boolean
  /** Mounts the node's files and loads them; answers the mount point. */
  mount(fs: FileSystem): Promise<string>
  /**
   * Makes the operations durable, in order, and then puts them on the mount. Rejects within
   * `commitMillisMax` when that cannot be; then the mount shows none of them.
   */
  commit(operations: readonly FileOperation[]): Promise<void>
  status(): Promise<StorageStatus>
  close(): Promise<void>
}

/** Storage cannot be opened, read or written. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}

/** Another tab or process has this node open. */
export class NodeInUseError extends Error {
  override readonly name = 'NodeInUseError'
}

/** Rejects with `error()` when `work` has not settled in time; `work` itself cannot be stopped. */
export function within<T>(millis: number, work: Promise<T>, error: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(error()), millis)
    work.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (reason) => {
        clearTimeout(timer)
        reject(reason)
      },
    )
  })
}
