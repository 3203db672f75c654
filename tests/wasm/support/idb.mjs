// The IndexedDB backend over fake-indexeddb: opened as a page would, looked into from outside, and made to fail.
import fake from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { IndexedDbStorage } from 'frond/internal'
import { contents, newFileSystem } from './instance.mjs'

let count = 0

export async function opened(options) {
  const name = options?.name ?? `node-${++count}`
  const factory = options?.factory ?? fake
  const storage = await IndexedDbStorage.open(name, { ...options, factory })
  const fs = await newFileSystem()
  const root = await storage.mount(fs)
  factory.nodeIsOpen?.()
  return { name, storage, fs, root, shown: () => contents(fs, root) }
}

/** What a new page would find: IDBFS loads it, and nobody is kept out. */
export async function reloaded(name) {
  const root = `/frond-${name}`
  const fs = await newFileSystem()
  const { IDBFS } = fs.filesystems
  fs.mkdirTree(root)
  fs.mount(IDBFS, {}, root)
  await new Promise((resolve, reject) => {
    fs.syncfs(true, (error) => (error ? reject(error) : resolve()))
  })
  IDBFS.quit()
  return contents(fs, root)
}

export function request(made) {
  return new Promise((resolve, reject) => {
    made.onsuccess = () => resolve(made.result)
    made.onerror = () => reject(made.error)
  })
}

export async function entries(root) {
  const database = await request(fake.open(root, 21))
  const store = database.transaction('FILE_DATA').objectStore('FILE_DATA')
  const [keys, values] = await Promise.all([request(store.getAllKeys()), request(store.getAll())])
  database.close()
  return new Map(keys.map((key, i) => [key, values[i]]))
}

/** A factory whose databases hand the read-write transactions of an open node to `change` before anyone uses them. */
export function withTransactions(change) {
  let armed = false
  return {
    nodeIsOpen() {
      armed = true
    },
    open(name, version) {
      const opening = fake.open(name, version)
      opening.addEventListener('success', () => {
        const database = opening.result
        const begin = database.transaction.bind(database)
        database.transaction = (stores, mode, options) => {
          const transaction = begin(stores, mode, options)
          if (armed && mode === 'readwrite') change(transaction, database)
          return transaction
        }
      })
      return opening
    },
  }
}

/** A factory whose databases cannot be opened, for this reason. */
export function failing(error) {
  return {
    open() {
      const request = { error, result: undefined }
      setTimeout(() => request.onerror?.({ target: request, preventDefault() {} }))
      return request
    },
  }
}
