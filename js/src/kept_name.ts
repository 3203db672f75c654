/**
 * The node's name when the app gives none: made once and kept in a small database of its own,
 * because the shared worker must be found by the name before it runs.
 */
import { makeName } from './options.js'

const databaseName = 'frond'
const storeName = 'settings'
const key = 'name'
const waitMillisMax = 5_000

/** Answers a new name each time where there is no IndexedDB. */
export async function keptName(factory: IDBFactory | undefined): Promise<string> {
  if (factory === undefined || factory === null) return makeName()
  let timer: ReturnType<typeof setTimeout> | undefined
  const gaveUp = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(makeName()), waitMillisMax)
  })
  try {
    return await Promise.race([readOrMake(factory), gaveUp])
  } catch {
    return makeName()
  } finally {
    clearTimeout(timer)
  }
}

/** One transaction reads and, when there is none, writes: two tabs at once get the same name. */
function readOrMake(factory: IDBFactory): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = factory.open(databaseName, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(storeName)
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const database = request.result
      const transaction = database.transaction(storeName, 'readwrite')
      const store = transaction.objectStore(storeName)
      let name = ''
      const read = store.get(key)
      read.onsuccess = () => {
        name = typeof read.result === 'string' ? read.result : makeName()
        if (name !== read.result) store.put(name, key)
      }
      transaction.oncomplete = () => {
        database.close()
        resolve(name)
      }
      transaction.onabort = () => {
        database.close()
        reject(transaction.error)
      }
    }
  })
}
