/**
 * The node's files in IndexedDB, in the tables and the format of Emscripten's IDBFS: one database
 * per mount point, one entry per file or directory. IDBFS itself loads the mount; commits do not go
 * through its syncfs, which lists every file and guesses by modification time which have changed.
 * A commit here is one transaction that puts exactly the commit's files. The mount is changed only
 * after that transaction is complete, so that a commit that failed is never seen.
 */
import type { Durability, StorageStatus } from '../engine-worker/messages.js'
import type { FileSystem } from '../engine-worker/wasm_module.js'
import { commitMillisMax, storageOpenMillisMax } from '../limits.js'
import { apply, directoriesAbove, exists, files, mountPoint } from './mount.js'
import { type FileOperation, type StorageBackend, StorageError, within } from './storage.js'

// IDBFS's own: a database with another version or store would not be readable by it.
const databaseVersion = 21
const storeName = 'FILE_DATA'
const indexName = 'timestamp'
const fileMode = 0o100666
const directoryMode = 0o40777

interface Entry {
  timestamp: Date
  mode: number
  contents?: Uint8Array
}

/** IndexedDB is not there or cannot be opened at all, as in some browsers' private windows. */
export class IndexedDbUnavailable extends Error {
  override readonly name = 'IndexedDbUnavailable'
}

export interface IndexedDbOptions {
  durability?: Durability
  factory?: IDBFactory
  commitMillis?: number
}

export class IndexedDbStorage implements StorageBackend {
  readonly appends = false
  readonly persistent = true
  private readonly root: string
  private readonly factory: IDBFactory
  private readonly durability: Durability
  private readonly commitMillis: number
  private database: IDBDatabase | undefined
  private fs: FileSystem | undefined
  /** Fails the transaction in flight; a listener of its own for each would stay with the connection. */
  private whenClosed: (() => void) | undefined
  private lastTime = 0
  private readonly sizes = new Map<string, number>()
  private bytes = 0
  /** Files of commits whose outcome is not known; the next transaction puts back what the mount has. */
  private readonly doubtful = new Set<string>()

  private constructor(node: string, factory: IDBFactory, options: IndexedDbOptions) {
    this.root = mountPoint(node)
    this.factory = factory
    this.durability = options.durability ?? 'relaxed'
    this.commitMillis = options.commitMillis ?? commitMillisMax
  }

  /** Rejects with IndexedDbUnavailable when there is no database to be had here. */
  static async open(node: string, options: IndexedDbOptions = {}): Promise<IndexedDbStorage> {
    const factory = options.factory ?? globalThis.indexedDB
    if (factory === undefined || factory === null) {
      throw new IndexedDbUnavailable('IndexedDB is not available here')
    }
    const storage = new IndexedDbStorage(node, factory, options)
    await storage.connect()
    return storage
  }

  async mount(fs: FileSystem): Promise<string> {
    await this.connect()
    this.lastTime = await this.newestTime()
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
      await this.write((store) => this.putAll(store, fs, operations, time))
    } catch (error) {
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

  async status(): Promise<StorageStatus> {
    const status: StorageStatus = { kind: 'indexeddb', persistent: true, bytes: this.bytes }
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
    this.database?.close()
    this.database = undefined
    this.fs = undefined
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
      else put(store, path, { timestamp, mode: fileMode, contents: fs.readFile(path) })
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
        put(store, directory, { timestamp, mode: directoryMode })
      }
      put(store, path, { timestamp, mode: fileMode, contents: operation.contents })
    }
  }

  /** One transaction; when its connection may have been killed, once more on a new one. */
  private async write(fill: (store: IDBObjectStore) => void): Promise<void> {
    const deadline = Date.now() + this.commitMillis
    for (let attempt = 0; ; ++attempt) {
      const database = await this.connect()
      try {
        await this.transact(database, fill, Math.max(1, deadline - Date.now()))
        return
      } catch (error) {
        if (attempt > 0 || !mayBeConnectionLoss(error) || Date.now() >= deadline) throw error
        database.close()
        this.forget(database)
      }
    }
  }

  /** Settles on the transaction's own end, or after `millis`: then it is aborted, if that still can be. */
  private transact(
    database: IDBDatabase,
    fill: (store: IDBObjectStore) => void,
    millis: number,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(storeName, 'readwrite', {
        durability: this.durability,
      })
      const timer = setTimeout(() => {
        reject(new StorageError(`IndexedDB did not finish within ${millis} ms`))
        abort(transaction)
      }, millis)
      const fail = (error: unknown): void => {
        clearTimeout(timer)
        reject(error ?? connectionLost('the transaction was aborted'))
      }
      transaction.oncomplete = () => {
        clearTimeout(timer)
        resolve()
      }
      transaction.onabort = () => fail(transaction.error)
      // Some engines close a connection without ending its transactions.
      this.whenClosed = () => fail(connectionLost('the connection was closed'))
      try {
        fill(transaction.objectStore(storeName))
        // Saves waiting for the event loop to notice that nothing follows; optional.
        transaction.commit?.()
      } catch (error) {
        fail(error)
        abort(transaction)
      }
    })
  }

  private async connect(): Promise<IDBDatabase> {
    if (this.database !== undefined) return this.database
    const database = await openDatabase(this.factory, this.root)
    database.onclose = () => {
      this.forget(database)
      this.whenClosed?.()
    }
    // Someone deletes or upgrades the database: holding on would block them for ever.
    database.onversionchange = () => {
      database.close()
      this.forget(database)
    }
    this.database = database
    return database
  }

  private forget(database: IDBDatabase): void {
    if (this.database === database) this.database = undefined
  }

  private async newestTime(): Promise<number> {
    const database = await this.connect()
    return within(
      storageOpenMillisMax,
      new Promise<number>((resolve, reject) => {
        const transaction = database.transaction(storeName, 'readonly')
        const cursor = transaction
          .objectStore(storeName)
          .index(indexName)
          .openKeyCursor(null, 'prev')
        cursor.onsuccess = () => {
          const newest = cursor.result?.key
          resolve(newest instanceof Date ? newest.getTime() : 0)
        }
        transaction.onabort = () => reject(asStorageError('load', transaction.error))
      }),
      () => new StorageError('IndexedDB did not answer'),
    )
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

function put(store: IDBObjectStore, path: string, entry: Entry): void {
  store.put(entry, path)
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch {
    // It has ended meanwhile; whichever way, the files count as doubtful.
  }
}

function openDatabase(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  return within(
    storageOpenMillisMax,
    new Promise<IDBDatabase>((resolve, reject) => {
      let request: IDBOpenDBRequest
      try {
        request = factory.open(name, databaseVersion)
      } catch (error) {
        reject(new IndexedDbUnavailable(textOf(error)))
        return
      }
      request.onupgradeneeded = () => {
        const { result: database, transaction } = request
        const store = database.objectStoreNames.contains(storeName)
          ? transaction?.objectStore(storeName)
          : database.createObjectStore(storeName)
        if (!store?.indexNames.contains(indexName)) store?.createIndex(indexName, indexName)
      }
      request.onsuccess = () => resolve(request.result)
      request.onerror = (event) => {
        event.preventDefault()
        reject(unavailable(request.error))
      }
    }),
    () => new StorageError(`opening ${name} took longer than ${storageOpenMillisMax} ms`),
  )
}

/** A newer version or a full disk is an error to show; anything else means that there is none here. */
function unavailable(error: DOMException | null): Error {
  const shown = ['VersionError', 'QuotaExceededError', 'AbortError']
  if (error !== null && shown.includes(error.name)) return asStorageError('open', error)
  return new IndexedDbUnavailable(textOf(error))
}

/**
 * A browser that kills a connection aborts its transactions first, with one of these names or none,
 * and says so on the connection only later. Doing the same puts again does no harm.
 */
function mayBeConnectionLoss(error: unknown): boolean {
  const names = ['AbortError', 'InvalidStateError', 'UnknownError']
  return error instanceof Error && names.includes(error.name)
}

function connectionLost(how: string): DOMException {
  return new DOMException(`IndexedDB: ${how}`, 'AbortError')
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

function asStorageError(step: string, error: unknown): StorageError {
  return error instanceof StorageError ? error : new StorageError(`${step}: ${textOf(error)}`)
}
