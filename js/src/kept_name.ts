/**
 * The node's name when the app gives none: made once and kept in a small database of its own,
 * because the shared worker must be found by the name before it runs.
 */
import { storageOpenMillisMax } from '../../web/limits.js'
import {
  asStorageError,
  IndexedDbUnavailable,
  indexedDbHere,
  openDatabase,
} from '../../web/storage/open_database.js'
import { StorageError, within } from '../../web/storage/storage.js'
import { makeName } from './options.js'

const storeName = 'settings'
const key = 'name'
const form = {
  name: 'frond',
  version: 1,
  upgrade: (database: IDBDatabase) => database.createObjectStore(storeName),
}

/**
 * Answers a new name each time where there is no IndexedDB. A database that is there and cannot be
 * read is a StorageError: with another name the node would begin anew, beside all that it has.
 */
export async function keptName(factory = indexedDbHere()): Promise<string> {
  try {
    const database = await openDatabase(factory, form)
    return await within(
      storageOpenMillisMax,
      readOrMake(database),
      () => new StorageError('IndexedDB did not answer'),
    )
  } catch (error) {
    if (error instanceof IndexedDbUnavailable) return makeName()
    throw asStorageError('name', error)
  }
}

/** One transaction reads and, when there is none, writes: two tabs at once get the same name. */
async function readOrMake(database: IDBDatabase): Promise<string> {
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(storeName, 'readwrite')
      const store = transaction.objectStore(storeName)
      let name = ''
      const read = store.get(key)
      read.onsuccess = () => {
        name = typeof read.result === 'string' ? read.result : makeName()
        if (name !== read.result) store.put(name, key)
      }
      transaction.oncomplete = () => resolve(name)
      transaction.onabort = () => reject(transaction.error)
    })
  } finally {
    database.close()
  }
}
