/**
 * One database of Emscripten's IDBFS: one per mount point, one entry per file or directory. Opens it
 * as IDBFS would, again after its connection was lost, and writes whole transactions to it. Below
 * indexeddb, which knows what is in the entries.
 */
import type { Durability } from '../engine-worker/messages.js'
import { storageOpenMillisMax } from '../limits.js'
import { StorageError, within } from './storage.js'

// IDBFS's own: a database with another version or store would not be readable by it.
const databaseVersion = 21
const storeName = 'FILE_DATA'
const indexName = 'timestamp'

interface Entry {
  timestamp: Date
  mode: number
  contents?: Uint8Array
}

/** IndexedDB is not there or cannot be opened at all, as in some browsers' private windows. */
export class IndexedDbUnavailable extends Error {
  override readonly name = 'IndexedDbUnavailable'
}

export class IdbfsDatabase {
  private readonly factory: IDBFactory
  private readonly name: string
  private readonly durability: Durability
  private readonly commitMillis: number
  private database: IDBDatabase | undefined
  /** Fails the transaction in flight; a listener of its own for each would stay with the connection. */
  private whenClosed: (() => void) | undefined

  constructor(
    factory: IDBFactory,
    name: string,
    options: { durability: Durability; commitMillis: number },
  ) {
    this.factory = factory
    this.name = name
    this.durability = options.durability
    this.commitMillis = options.commitMillis
  }

  close(): void {
    this.database?.close()
    this.database = undefined
  }

  /** One transaction; when its connection may have been killed, once more on a new one. */
  async write(fill: (store: IDBObjectStore) => void): Promise<void> {
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

  async connect(): Promise<IDBDatabase> {
    if (this.database !== undefined) return this.database
    const database = await openDatabase(this.factory, this.name)
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

  /** The timestamp of the youngest entry; 0 without any. */
  async newestTime(): Promise<number> {
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
}

export function putEntry(store: IDBObjectStore, path: string, entry: Entry): void {
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

export function asStorageError(step: string, error: unknown): StorageError {
  return error instanceof StorageError ? error : new StorageError(`${step}: ${textOf(error)}`)
}
