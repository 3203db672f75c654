/**
 * The node's files in IndexedDB, in the database of Emscripten's IDBFS (idbfs_database). IDBFS itself
 * loads the mount; commits do not go through its syncfs, which lists every file and guesses by
 * modification time which have changed. A commit here is one transaction that puts exactly the
 * commit's files. The mount is changed only after that transaction is complete, so that a commit that
 * failed is never seen.
 */
import type { Durability, StorageStatus } from '../engine-worker/messages.js'
import type { FileSystem } from '../engine-worker/wasm_module.js'
import { commitMillisMax, storageOpenMillisMax } from '../limits.js'
import { IdbfsDatabase, putEntry } from './idbfs_database.js'
import { apply, directoriesAbove, exists, files, mountPoint } from './mount.js'
import { asStorageError, IndexedDbUnavailable, indexedDbHere } from './open_database.js'
import {
  type FileOperation,
  type StorageBackend,
  StorageError,
  type Tenure,
  within,
} from './storage.js'

const fileMode = 0o100666
const directoryMode = 0o40777

export interface IndexedDbOptions {
  durability?: Durability
  factory?: IDBFactory
  commitMillis?: number
}

export class IndexedDbStorage implements StorageBackend {
  readonly appends = false
  readonly persistent = true
  readonly tenure: Tenure
  /** Called when the store has been closed. */
  onClosed: () => void = () => undefined
  claimName?: () => Promise<void>
  private readonly root: string
  private readonly database: IdbfsDatabase
  private fs: FileSystem | undefined
  private lastTime = 0
  private readonly sizes = new Map<string, number>()
  private bytes = 0
  /** Files of commits whose outcome is not known; the next transaction puts back what the mount has. */
  private readonly doubtful = new Set<string>()

  private constructor(node: string, factory: IDBFactory, options: IndexedDbOptions) {
    this.root = mountPoint(node)
    this.database = new IdbfsDatabase(factory, this.root, {
      durability: options.durability ?? 'relaxed',
      commitMillis: options.commitMillis ?? commitMillisMax,
    })
    this.tenure = this.database.tenure
  }

  /**
   * Takes the store over from whoever had it: keeping a living owner from that is the caller's. Rejects
   * with IndexedDbUnavailable when there is no database to be had here.
   */
  static async open(node: string, options: IndexedDbOptions = {}): Promise<IndexedDbStorage> {
    const factory = options.factory ?? indexedDbHere()
    if (factory === undefined) throw new IndexedDbUnavailable('IndexedDB is not available here')
    const storage = new IndexedDbStorage(node, factory, options)
    await storage.database.open()
    return storage
  }

  async mount(fs: FileSystem): Promise<string> {
    this.lastTime = await this.database.newestTime()
    const { IDBFS } = fs.filesystems
    fs.mkdirTree(this.root)
    fs.mount(IDBFS, {}, this.root)
    try {
      await within(
        storageOpenMillisMax,
        new Promise<void>((resolve, reject) => {
          fs.syncfs(true, (error) => (error ? reject(asStorageError('load', error)) : resolve()))
        }),
        () => new StorageError(`loading ${this.root} took longer than ${storageOpenMillisMax} ms`),
      )
    } finally {
      // Its connection has no handler for version changes and would block a deletion.
      IDBFS.quit()
    }
    // What was loaded is this owner's to go on from only if nobody has come in meanwhile.
    await this.check()
    if (this.tenure.lost !== undefined) throw this.tenure.lost
    this.fs = fs
    this.sizes.clear()
    this.bytes = 0
    for (const [path, size] of files(fs, this.root)) this.measure(path, size)
    return this.root
  }

  async commit(operations: readonly FileOperation[]): Promise<void> {
    const fs = this.fs
    if (fs === undefined) throw new StorageError('the store is not mounted')
    const time = this.nextTime()
    const paths = operations.map((operation) => `${this.root}/${operation.path}`)
    try {
      await this.database.write((store) => this.putAll(store, fs, operations, time))
    } catch (error) {
      if (error === this.tenure.lost) throw error
      for (const path of paths) this.doubtful.add(path)
      throw asStorageError('commit', error)
    }
    this.doubtful.clear()
    for (const operation of operations) {
      apply(fs, this.root, operation, time)
      const path = `${this.root}/${operation.path}`
      this.measure(path, operation.type === 'remove' ? 0 : operation.contents.length)
    }
  }

  check(): Promise<void> {
    return this.database.check()
  }

  async status(): Promise<StorageStatus> {
    const status: StorageStatus = { kind: 'indexeddb', persistent: true, bytes: this.bytes }
    if (this.database.created) status.created = true
    const manager = globalThis.navigator?.storage
    if (manager?.estimate !== undefined) {
      const { quota, usage } = await manager.estimate().catch(() => ({}) as StorageEstimate)
      if (quota !== undefined) status.quota = quota
      if (usage !== undefined) status.originBytes = usage
    }
    if (manager?.persisted !== undefined) {
      status.durable = await manager.persisted().catch(() => false)
    }
    return status
  }

  async close(): Promise<void> {
    this.database.close()
    this.fs = undefined
    this.onClosed()
  }

  private putAll(
    store: IDBObjectStore,
    fs: FileSystem,
    operations: readonly FileOperation[],
    time: number,
  ): void {
    const timestamp = new Date(time)
    for (const path of this.doubtful) {
      if (!exists(fs, path)) store.delete(path)
      else putEntry(store, path, { timestamp, mode: fileMode, contents: fs.readFile(path) })
    }
    const made = new Set<string>()
    for (const operation of operations) {
      const path = `${this.root}/${operation.path}`
      if (operation.type === 'remove') {
        store.delete(path)
        continue
      }
      if (operation.type === 'append') throw new StorageError('IndexedDB stores whole files')
      for (const directory of directoriesAbove(this.root, path)) {
        if (made.has(directory) || exists(fs, directory)) continue
        made.add(directory)
        putEntry(store, directory, { timestamp, mode: directoryMode })
      }
      putEntry(store, path, { timestamp, mode: fileMode, contents: operation.contents })
    }
  }

  /** IDBFS compares whole milliseconds: two commits in the same one would look alike. */
  private nextTime(): number {
    this.lastTime = Math.max(Date.now(), this.lastTime + 1)
    return this.lastTime
  }

  private measure(path: string, size: number): void {
    this.bytes += size - (this.sizes.get(path) ?? 0)
    if (size === 0) this.sizes.delete(path)
    else this.sizes.set(path, size)
  }
}
