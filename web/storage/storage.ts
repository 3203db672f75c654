/**
 * What a storage backend is to the node server: it prepares the mount that the engine reads from,
 * and makes commits durable. One backend belongs to one node for as long as that is open; the
 * engine may be restarted on it, then `mount` is called again with the new instance's file system.
 */
import type { StorageStatus } from '../engine-worker/messages.js'
import type { FileSystem } from '../engine-worker/wasm_module.js'

export { NodeInUseError, StorageError } from './errors.js'

/** One step of a commit; paths are relative to the node's root, contents belong to the receiver. */
export type FileOperation =
  | { type: 'write'; path: string; contents: Uint8Array }
  | { type: 'append'; path: string; offset: number; contents: Uint8Array }
  | { type: 'remove'; path: string }

export interface StorageBackend {
  /** True when an append costs only the appended bytes. */
  readonly appends: boolean
  readonly persistent: boolean
  readonly tenure: Tenure
  /** Mounts the node's files and loads them; answers the mount point. */
  mount(fs: FileSystem): Promise<string>
  /**
   * Makes the operations durable, in order, and then puts them on the mount. Rejects within
   * `commitMillisMax` when that cannot be; then the mount shows none of them. Nothing is written
   * once `tenure` has ended, and nothing written after another owner has come in counts.
   */
  commit(operations: readonly FileOperation[]): Promise<void>
  /** Finds out without a commit whether the store is still this owner's; ends `tenure` if not. */
  check(): Promise<void>
  status(): Promise<StorageStatus>
  /** Before a node joins a hub that it was opened without: rejects when another one has its name. */
  claimName?(): Promise<void>
  close(): Promise<void>
}

/**
 * How long a store is its owner's: until another has taken it, or it was deleted or replaced. It ends
 * once and for good; the owner must never write to the store again, nor be known by its node's name.
 */
export class Tenure {
  /** Why it has ended: a NodeInUseError or a StorageError. */
  lost: Error | undefined
  /** Called once, when it ends. */
  onLost: (error: Error) => void = () => undefined

  /** Answers why it has ended, which is what was said first. */
  end(error: Error): Error {
    if (this.lost !== undefined) return this.lost
    this.lost = error
    this.onLost(error)
    return error
  }
}

/** Names an owner of a store. (crypto.randomUUID is not there on insecure origins.) */
export function ownerToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
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
