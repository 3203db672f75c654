/**
 * One database of Emscripten's IDBFS: one per mount point, one entry per file or directory. Opens it
 * as IDBFS would, again after its connection was lost, and writes whole transactions to it. Below
 * indexeddb, which knows what is in the entries.
 *
 * It also keeps out all owners but the last: opening puts this owner's token into the database, and
 * each transaction that writes reads it and aborts when it is not there any more. The token's entry
 * has no timestamp, so it is not in the index by which IDBFS lists its files.
 */
import type { Durability } from '../engine-worker/messages.js'
import { storageOpenMillisMax } from '../limits.js'
import { asStorageError, NoSuchDatabase, openDatabase } from './open_database.js'
import { NodeInUseError, ownerToken, StorageError, Tenure, within } from './storage.js'

// IDBFS's own: a database with another version or store would not be readable by it.
const databaseVersion = 21
const storeName = 'FILE_DATA'
const indexName = 'timestamp'
/** No path, as it has no slash. */
const ownerKey = 'owner'

interface Entry {
  timestamp: Date
  mode: number
  contents?: Uint8Array
}

export class IdbfsDatabase {
  readonly tenure = new Tenure()
  /** True when there was no database before this one was opened. */
  created = false
  private readonly factory: IDBFactory
  private readonly name: string
  private readonly durability: Durability
  private readonly commitMillis: number
  private readonly token = ownerToken()
  private database: IDBDatabase | undefined
  private opening: Promise<IDBDatabase> | undefined
  private owned = false
  private closed = false
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

  /** Opens the database, which is made where there is none, and takes it from whoever had it. */
  async open(): Promise<void> {
    const database = await this.connect()
    await this.settled(database, 'readwrite', (store) => store.put({ token: this.token }, ownerKey))
    this.owned = true
  }

  close(): void {
    this.closed = true
    this.database?.close()
    this.database = undefined
  }

  /** One transaction; when its connection may have been killed, once more on a new one. */
  async write(fill: (store: IDBObjectStore) => void): Promise<void> {
    const deadline = performance.now() + this.commitMillis
    for (let attempt = 0; ; ++attempt) {
      if (this.tenure.lost !== undefined) throw this.tenure.lost
      const database = await this.connect()
      const millis = Math.max(1, deadline - performance.now())
      try {
        await this.transact(database, fill, millis)
        return
      } catch (error) {
        const again = attempt === 0 && mayBeConnectionLoss(error) && performance.now() < deadline
        if (!again) throw error
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
        reject(new StorageError(`IndexedDB did not finish within ${Math.round(millis)} ms`))
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
        const store = transaction.objectStore(storeName)
        const owner = store.get(ownerKey)
        // The puts are on their way meanwhile; nothing of them stays when the answer is wrong.
        owner.onsuccess = () => {
          if (this.owns(owner.result)) {
            // Saves waiting for the event loop to notice that nothing follows; optional.
            transaction.commit?.()
          } else {
            fail(this.tenure.lost)
            abort(transaction)
          }
        }
        fill(store)
      } catch (error) {
        fail(error)
        abort(transaction)
      }
    })
  }

  /** Whether the entry is this owner's; ends the tenure if not. */
  private owns(entry: { token?: string } | undefined): boolean {
    if (entry?.token === this.token) return true
    this.tenure.end(
      entry === undefined
        ? new StorageError(`${this.name} was emptied while the node was open`)
        : new NodeInUseError(`${this.name} was opened elsewhere, which has taken it from here`),
    )
    return false
  }

  private async connect(): Promise<IDBDatabase> {
    if (this.database !== undefined) return this.database
    this.opening ??= this.openAnew().finally(() => {
      this.opening = undefined
    })
    return this.opening
  }

  private async openAnew(): Promise<IDBDatabase> {
    const form = { name: this.name, version: databaseVersion }
    const upgrade = (database: IDBDatabase, transaction: IDBTransaction, from: number): void => {
      this.created = from === 0
      makeStore(database, transaction)
    }
    let database: IDBDatabase
    try {
      database = await openDatabase(this.factory, this.owned ? form : { ...form, upgrade })
    } catch (error) {
      if (!(error instanceof NoSuchDatabase)) throw error
      throw this.tenure.end(new StorageError(`${this.name} was deleted while the node was open`))
    }
    if (this.closed) {
      database.close()
      throw new StorageError('the store is closed')
    }
    database.onclose = () => {
      this.forget(database)
      this.whenClosed?.()
      // Site data that are being cleared close it too: then it is not there any more.
      if (this.owned) void this.check().catch(() => undefined)
    }
    // Someone deletes or upgrades the database: holding on would block them for ever.
    database.onversionchange = ({ newVersion }) => {
      database.close()
      this.forget(database)
      if (newVersion === null) {
        this.tenure.end(new StorageError(`${this.name} was deleted while the node was open`))
      }
    }
    this.database = database
    return database
  }

  private forget(database: IDBDatabase): void {
    if (this.database === database) this.database = undefined
  }

  /** Finds out whether the database is still this owner's; ends the tenure if not. */
  async check(): Promise<void> {
    if (this.tenure.lost !== undefined || this.closed) return
    const database = await this.connect()
    this.owns(await this.settled(database, 'readonly', (store) => store.get(ownerKey)))
  }

  /** The timestamp of the youngest entry; 0 without any. */
  async newestTime(): Promise<number> {
    const database = await this.connect()
    const cursor = await this.settled(database, 'readonly', (store) =>
      store.index(indexName).openKeyCursor(null, 'prev'),
    )
    return cursor?.key instanceof Date ? cursor.key.getTime() : 0
  }

  /** A transaction of one request; answers its result when the transaction is complete. */
  private settled<T>(
    database: IDBDatabase,
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    return within(
      storageOpenMillisMax,
      new Promise<T>((resolve, reject) => {
        const transaction = database.transaction(storeName, mode)
        const request = ask(transaction.objectStore(storeName))
        transaction.oncomplete = () => resolve(request.result)
        transaction.onabort = () => reject(asStorageError('open', transaction.error))
      }),
      () => new StorageError('IndexedDB did not answer'),
    )
  }
}

export function putEntry(store: IDBObjectStore, path: string, entry: Entry): void {
  store.put(entry, path)
}

/** As IDBFS makes it. */
function makeStore(database: IDBDatabase, transaction: IDBTransaction): void {
  const store = database.objectStoreNames.contains(storeName)
    ? transaction.objectStore(storeName)
    : database.createObjectStore(storeName)
  if (!store.indexNames.contains(indexName)) store.createIndex(indexName, indexName)
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch {
    // It has ended meanwhile; whichever way, the files count as doubtful.
  }
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
