// How IndexedDB fails: what failed never is seen, and every way in which a commit can fail ends in an error within
// its bound.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fake, { forceCloseDatabase, IDBFactory } from 'fake-indexeddb'
import { IndexedDbStorage, IndexedDbUnavailable, keptName, StorageError } from 'frond/internal'
import { failing, opened, reloaded, request, withTransactions } from './support/idb.mjs'
import { newFileSystem, write } from './support/instance.mjs'

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
  const blocked = 'The user denied permission to access the database.'
  const immutable = 'A mutation operation was attempted on a database that did not allow mutations.'
  for (const [name, text] of Object.entries({
    UnknownError: blocked,
    InvalidStateError: immutable,
  })) {
    const factory = failing(new DOMException(text, name))
    await assert.rejects(IndexedDbStorage.open('n', { factory }), IndexedDbUnavailable)
    assert.match(await keptName(factory), /^frond-/)
  }
  const newer = new IDBFactory()
  const database = await request(newer.open('/frond-n', 99))
  database.close()
  await assert.rejects(IndexedDbStorage.open('n', { factory: newer }), (error) => {
    assert.ok(error instanceof StorageError)
    assert.match(error.message, /VersionError/)
    return true
  })
})

test('a store that is there and cannot be opened is a StorageError, for its name as well', async () => {
  for (const [name, text] of Object.entries({
    UnknownError: 'Internal error opening backing store for indexedDB.open.',
    InvalidStateError: 'something else',
    AbortError: 'the connection was closed',
    QuotaExceededError: 'no room',
    NotFoundError: 'a file is missing',
    TimeoutError: 'too slow',
  })) {
    const factory = failing(new DOMException(text, name))
    const told = (error) =>
      error instanceof StorageError && error.message.includes(`${name}: ${text}`)
    await assert.rejects(IndexedDbStorage.open('n', { factory }), told)
    await assert.rejects(keptName(factory), told)
  }
})

test('a store that cannot be read is a StorageError when it is loaded and when it is written', async () => {
  let damaged = false
  const factory = withTransactions((transaction) => {
    if (damaged) transaction.commit = () => transaction._abort('UnknownError')
  })
  const { name, storage, shown } = await opened({ factory })
  await storage.commit([write('x', '1')])
  damaged = true
  await assert.rejects(storage.commit([write('y', '2')]), (error) => {
    assert.ok(error instanceof StorageError)
    return /UnknownError/.test(error.message)
  })
  assert.equal(storage.tenure.lost, undefined)
  assert.deepEqual(shown(), { x: '1' })
  await storage.close()
  const again = await IndexedDbStorage.open(name)
  const open = fake.open
  // IDBFS opens the database by itself.
  fake.open = () => failing(new DOMException('Internal error', 'UnknownError')).open()
  await assert.rejects(again.mount(await newFileSystem()), (error) => {
    assert.ok(error instanceof StorageError)
    return /UnknownError: Internal error/.test(error.message)
  })
  fake.open = open
  await again.close()
})

test('the name of a device is kept, and two tabs that open at once get the same', async () => {
  const factory = new IDBFactory()
  const [first, second] = await Promise.all([keptName(factory), keptName(factory)])
  assert.equal(first, second)
  assert.equal(await keptName(factory), first)
})

test('a commit leaves nothing behind on its connection', async () => {
  const databases = new Set()
  const factory = withTransactions((transaction) => databases.add(transaction.db))
  const { storage } = await opened({ factory })
  const listeners = () =>
    [...databases].map(
      (database) => database.listeners.filter(({ type }) => type === 'close').length,
    )
  await storage.commit([write('x', '0')])
  const after = listeners()
  assert.equal(after.length, 1)
  for (let i = 1; i <= 10; ++i) await storage.commit([write('x', String(i))])
  assert.deepEqual(listeners(), after)
  await storage.close()
})
