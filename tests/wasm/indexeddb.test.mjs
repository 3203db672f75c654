// The IndexedDB backend against fake-indexeddb: what is durable is seen again, what failed never is, and every way
// in which a commit can fail ends in an error within its bound.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import fake, { forceCloseDatabase, IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { IndexedDbStorage, IndexedDbUnavailable, StorageError } from 'frond/internal'
import { append, contents, newFileSystem, remove, write } from './support/instance.mjs'

const realNow = Date.now
let count = 0

afterEach(() => {
  Date.now = realNow
})

async function opened(options) {
  const name = options?.name ?? `node-${++count}`
  const factory = options?.factory ?? fake
  const storage = await IndexedDbStorage.open(name, { ...options, factory })
  const fs = await newFileSystem()
  const root = await storage.mount(fs)
  return { name, storage, fs, root, shown: () => contents(fs, root) }
}

/** What a new page would find. */
async function reloaded(name) {
  const { storage, shown } = await opened({ name })
  const files = shown()
  await storage.close()
  return files
}

function request(made) {
  return new Promise((resolve, reject) => {
    made.onsuccess = () => resolve(made.result)
    made.onerror = () => reject(made.error)
  })
}

async function entries(root) {
  const database = await request(fake.open(root, 21))
  const store = database.transaction('FILE_DATA').objectStore('FILE_DATA')
  const [keys, values] = await Promise.all([request(store.getAllKeys()), request(store.getAll())])
  database.close()
  return new Map(keys.map((key, i) => [key, values[i]]))
}

/** A factory whose databases hand their read-write transactions to `change` before anyone uses them. */
function withTransactions(change) {
  return {
    open(name, version) {
      const opening = fake.open(name, version)
      opening.addEventListener('success', () => {
        const database = opening.result
        const begin = database.transaction.bind(database)
        database.transaction = (stores, mode, options) => {
          const transaction = begin(stores, mode, options)
          if (mode === 'readwrite') change(transaction, database)
          return transaction
        }
      })
      return opening
    },
  }
}

test('what was committed is there after a reload, directories and all', async () => {
  const { name, storage } = await opened()
  await storage.commit([write('streams/A/meta.json', '{}'), write('streams/A/blocks/1.blk', 'one')])
  await storage.commit([write('streams/A/blocks/2.blk', 'two'), remove('streams/A/blocks/1.blk')])
  await storage.close()
  assert.deepEqual(await reloaded(name), {
    'streams/A/meta.json': '{}',
    'streams/A/blocks/2.blk': 'two',
  })
})

test('entries have the format of IDBFS: its own flush of a reloaded mount rewrites no file', async () => {
  const first = await opened()
  await first.storage.commit([write('a/b/c', 'text')])
  await first.storage.close()
  const before = await entries(first.root)
  assert.deepEqual([...before.keys()].sort(), [
    `${first.root}/a`,
    `${first.root}/a/b`,
    `${first.root}/a/b/c`,
  ])
  const file = before.get(`${first.root}/a/b/c`)
  assert.ok(file.timestamp instanceof Date)
  assert.equal(file.mode, 0o100666)
  assert.equal(before.get(`${first.root}/a`).mode, 0o40777)

  const second = await opened({ name: first.name })
  await new Promise((resolve, reject) => {
    second.fs.syncfs(false, (error) => (error ? reject(error) : resolve()))
  })
  second.fs.filesystems.IDBFS.quit()
  // Directories get a new time from the files that loading puts into them.
  assert.deepEqual((await entries(first.root)).get(`${first.root}/a/b/c`), file)
  await second.storage.close()
})

test('the mount shows a commit only when it is durable, and all of it at once', async () => {
  const { storage, shown } = await opened()
  await storage.commit([write('x', 'old')])
  const commit = storage.commit([write('x', 'new'), write('y', 'new')])
  assert.deepEqual(shown(), { x: 'old' })
  await commit
  assert.deepEqual(shown(), { x: 'new', y: 'new' })
  await storage.close()
})

test('bytes given to a commit are taken when it is made: what changes afterwards does not tear it', async () => {
  const { name, storage } = await opened()
  const operation = write('x', 'before')
  const commit = storage.commit([operation])
  await commit
  const next = storage.commit([write('x', 'later')])
  assert.deepEqual(await reloaded(name).then((files) => files.x.length > 0), true)
  await next
  assert.deepEqual(await reloaded(name), { x: 'later' })
  await storage.close()
})

test('times grow strictly, within a millisecond and when the clock is set back', async () => {
  const { name, storage, fs, root } = await opened()
  const start = realNow()
  Date.now = () => start
  const times = []
  for (let i = 0; i < 5; ++i) {
    await storage.commit([write('x', `${i}`)])
    times.push(fs.stat(`${root}/x`).mtime.getTime())
  }
  Date.now = () => start - 3_600_000
  await storage.commit([write('x', 'back')])
  times.push(fs.stat(`${root}/x`).mtime.getTime())
  await storage.close()
  // A new page has to go on behind what the old one stored.
  const again = await opened({ name })
  await again.storage.commit([write('x', 'again')])
  times.push(again.fs.stat(`${root}/x`).mtime.getTime())
  await again.storage.close()
  for (let i = 1; i < times.length; ++i) assert.ok(times[i] > times[i - 1], times.join(' '))
  assert.deepEqual(await reloaded(name), { x: 'again' })
})

test('a full disk rejects the commit with its name; nothing of it is seen; the next one works', async () => {
  let full = false
  const factory = withTransactions((transaction) => {
    // What browsers do: the puts succeed, the transaction aborts.
    if (full) transaction.commit = () => transaction._abort('QuotaExceededError')
  })
  const { name, storage, shown } = await opened({ factory })
  await storage.commit([write('x', 'old')])
  full = true
  await assert.rejects(storage.commit([write('x', 'new'), write('y', 'new')]), (error) => {
    assert.ok(error instanceof StorageError)
    assert.match(error.message, /QuotaExceededError/)
    return true
  })
  assert.deepEqual(shown(), { x: 'old' })
  assert.deepEqual(await reloaded(name), { x: 'old' })
  full = false
  await storage.commit([write('z', 'after')])
  assert.deepEqual(await reloaded(name), { x: 'old', z: 'after' })
  await storage.close()
})

test('an abort without a reason is an error too', async () => {
  let broken = true
  const factory = withTransactions((transaction) => {
    if (broken) transaction.commit = () => transaction.abort()
  })
  const { name, storage, shown } = await opened({ factory })
  await assert.rejects(storage.commit([write('x', 'new')]), StorageError)
  assert.deepEqual(shown(), {})
  broken = false
  assert.deepEqual(await reloaded(name), {})
  await storage.close()
})

test('a transaction that never ends is given up within its bound and leaves nothing behind', async () => {
  let hang = true
  const factory = withTransactions((transaction) => {
    if (!hang) return
    transaction.commit = () => undefined
    const again = () => {
      transaction.objectStore('FILE_DATA').count().onsuccess = again
    }
    again()
  })
  const { name, storage, shown } = await opened({ factory, commitMillis: 150 })
  const began = performance.now()
  await assert.rejects(storage.commit([write('x', 'new')]), /within/)
  assert.ok(performance.now() - began < 2_000)
  hang = false
  assert.deepEqual(shown(), {})
  assert.deepEqual(await reloaded(name), {})
  await storage.commit([write('y', 'after')])
  assert.deepEqual(await reloaded(name), { y: 'after' })
  await storage.close()
})

test('a commit that was reported as failed but was stored all the same is undone by the next one', async () => {
  let deaf = false
  const factory = withTransactions((transaction) => {
    if (!deaf) return
    // It completes, and nobody is told before the bound.
    Object.defineProperty(transaction, 'oncomplete', { set: () => undefined })
  })
  const { name, storage, shown } = await opened({ factory, commitMillis: 100 })
  await storage.commit([write('x', 'old')])
  deaf = true
  await assert.rejects(storage.commit([write('x', 'doubtful'), write('y', 'doubtful')]), /within/)
  deaf = false
  assert.deepEqual(shown(), { x: 'old' })
  await storage.commit([write('z', 'after')])
  assert.deepEqual(shown(), { x: 'old', z: 'after' })
  assert.deepEqual(await reloaded(name), { x: 'old', z: 'after' })
  await storage.close()
})

test('a connection that the browser has killed is opened anew', async () => {
  let last
  const factory = withTransactions((_, database) => {
    last = database
  })
  const { name, storage } = await opened({ factory })
  await storage.commit([write('x', '1')])
  forceCloseDatabase(last)
  await storage.commit([write('y', '2')])
  assert.deepEqual(await reloaded(name), { x: '1', y: '2' })
  await storage.close()
})

test('a connection killed during a commit: it is tried once more and is durable when it says so', async () => {
  let kills = 1
  const factory = withTransactions((transaction, database) => {
    if (kills-- <= 0) return
    transaction.commit = () => {
      transaction.abort()
      forceCloseDatabase(database)
    }
  })
  const { name, storage } = await opened({ factory })
  await storage.commit([write('x', '1')])
  assert.deepEqual(await reloaded(name), { x: '1' })
  await storage.close()
})

test('a connection that is killed each time ends in an error', async () => {
  let kills = 0
  const factory = withTransactions((transaction, database) => {
    ++kills
    transaction.commit = () => {
      transaction.abort()
      forceCloseDatabase(database)
    }
  })
  const { name, storage } = await opened({ factory })
  await assert.rejects(storage.commit([write('x', '1')]), StorageError)
  assert.equal(kills, 2)
  assert.deepEqual(await reloaded(name), {})
  await storage.close()
})

test('deleting the database is not blocked by an open node, which starts an empty one', async () => {
  const { name, root, storage } = await opened()
  await storage.commit([write('x', '1')])
  await request(fake.deleteDatabase(root))
  await storage.commit([write('y', '2')])
  assert.deepEqual(await reloaded(name), { y: '2' })
  await storage.close()
})

test('no IndexedDB, or one that refuses, is told apart from one that is broken', async () => {
  const none = globalThis.indexedDB
  globalThis.indexedDB = undefined
  await assert.rejects(IndexedDbStorage.open('n'), IndexedDbUnavailable)
  globalThis.indexedDB = none
  const throwing = {
    open() {
      throw new DOMException('not in private windows', 'SecurityError')
    },
  }
  await assert.rejects(IndexedDbStorage.open('n', { factory: throwing }), IndexedDbUnavailable)
  const newer = new IDBFactory()
  const database = await request(newer.open('/frond-n', 99))
  database.close()
  await assert.rejects(IndexedDbStorage.open('n', { factory: newer }), (error) => {
    assert.ok(error instanceof StorageError)
    assert.match(error.message, /VersionError/)
    return true
  })
})

test('an append is refused: IndexedDB stores whole files', async () => {
  const { storage, shown } = await opened()
  await assert.rejects(storage.commit([append('x', 0, 'text')]), /whole files/)
  assert.deepEqual(shown(), {})
  await storage.close()
})

test('the size of the files is counted through commits and reloads', async () => {
  const { name, storage } = await opened()
  await storage.commit([write('x', '12345'), write('y', '123')])
  assert.equal((await storage.status()).bytes, 8)
  await storage.commit([write('x', '1'), remove('y')])
  assert.equal((await storage.status()).bytes, 1)
  await storage.close()
  const again = await opened({ name })
  assert.equal((await again.storage.status()).bytes, 1)
  await again.storage.close()
})
