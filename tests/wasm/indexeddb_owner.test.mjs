// Two owners of one store in IndexedDB, and a store that is deleted under its owner: whoever has lost it never writes
// to it again and says so, whatever it was doing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import fake, { forceCloseDatabase } from 'fake-indexeddb'
import { IndexedDbStorage, NodeInUseError, StorageError } from 'frond/internal'
import { openCustom } from './support/custom_node.mjs'
import { entries, opened, reloaded, request, withTransactions } from './support/idb.mjs'
import { newFileSystem, write } from './support/instance.mjs'

test('the last one to open has the store; the one before fails at its next commit and for good', async () => {
  const first = await opened()
  await first.storage.commit([write('x', 'first')])
  const second = await opened({ name: first.name })
  assert.deepEqual(second.shown(), { x: 'first' })
  let told
  first.storage.tenure.onLost = (error) => {
    told = error
  }
  await assert.rejects(first.storage.commit([write('x', 'late')]), NodeInUseError)
  assert.ok(told instanceof NodeInUseError)
  await second.storage.commit([write('y', 'second')])
  await assert.rejects(first.storage.commit([write('z', 'later')]), NodeInUseError)
  assert.deepEqual(await reloaded(first.name), { x: 'first', y: 'second' })
  await Promise.all([first.storage.close(), second.storage.close()])
})

test('of two that open at once, each round one has the store and the other knows', async () => {
  for (let round = 0; round < 100; ++round) {
    const name = `race-${round}`
    const outcomes = await Promise.allSettled(
      ['a', 'b'].map(async (text) => {
        const storage = await IndexedDbStorage.open(name, { factory: fake })
        await storage.mount(await fileSystem())
        await storage.commit([write(text, text)])
        return { storage, text }
      }),
    )
    const opened = outcomes.filter(({ status }) => status === 'fulfilled').map(({ value }) => value)
    for (const { reason } of outcomes)
      assert.ok(reason === undefined || reason instanceof NodeInUseError)
    await Promise.all(opened.map(({ storage }) => storage.check()))
    const owners = opened.filter(({ storage }) => storage.tenure.lost === undefined)
    assert.equal(owners.length, 1, `round ${round}`)
    // Whatever was acknowledged is there.
    const stored = await keys(name)
    for (const { text } of opened) assert.ok(stored.includes(`/frond-${name}/${text}`))
    await Promise.all(opened.map(({ storage }) => storage.close()))
  }
})

test('a store taken while a commit is in the air: the commit is before it and seen, or after it and fails', async () => {
  for (let round = 0; round < 30; ++round) {
    const first = await opened()
    const [commit, second] = await Promise.allSettled([
      first.storage.commit([write('x', 'in the air')]),
      new Promise((resolve) => setTimeout(resolve, round / 10)).then(() =>
        opened({ name: first.name }),
      ),
    ])
    const expected = commit.status === 'fulfilled' ? { x: 'in the air' } : {}
    assert.deepEqual(second.value.shown(), expected)
    assert.deepEqual(await reloaded(first.name), expected)
    await Promise.all([first.storage.close(), second.value.storage.close()])
  }
})

test('an owner that was frozen finds out by a check, without a commit', async () => {
  const first = await opened()
  const second = await opened({ name: first.name })
  assert.equal(first.storage.tenure.lost, undefined)
  await first.storage.check()
  assert.ok(first.storage.tenure.lost instanceof NodeInUseError)
  await second.storage.check()
  assert.equal(second.storage.tenure.lost, undefined)
  await Promise.all([first.storage.close(), second.storage.close()])
})

test('an owner that was replaced while it loaded does not open', async () => {
  const first = await IndexedDbStorage.open('loading', { factory: fake })
  const second = await opened({ name: 'loading' })
  await assert.rejects(first.mount(await newFileSystem()), NodeInUseError)
  await second.storage.commit([write('x', '1')])
  await Promise.all([first.close(), second.storage.close()])
})

test('a deletion is not blocked by an open node, which never makes the database again', async () => {
  const { root, storage } = await opened()
  await storage.commit([write('streams/A/meta.json', '{}')])
  await request(fake.deleteDatabase(root))
  assert.match(storage.tenure.lost?.message, /deleted while the node was open/)
  await assert.rejects(storage.commit([write('streams/A/blocks/1', 'x')]), StorageError)
  assert.deepEqual(
    (await fake.databases()).filter(({ name }) => name === root),
    [],
  )
  await storage.close()
  const again = await opened({ name: root.slice('/frond-'.length) })
  assert.equal((await again.storage.status()).created, true)
  await again.storage.close()
})

test('site data that are cleared close the connection by force: the node finds that its database is gone', async () => {
  let last
  const factory = withTransactions((_, database) => {
    last = database
  })
  const { root, storage } = await opened({ factory })
  await storage.commit([write('x', '1')])
  // Without events of a version change, as browsers do it.
  last.onversionchange = null
  const deleting = request(fake.deleteDatabase(root))
  forceCloseDatabase(last)
  await deleting
  await assert.rejects(storage.commit([write('y', '2')]), /deleted while the node was open/)
  assert.deepEqual(
    (await fake.databases()).filter(({ name }) => name === root),
    [],
  )
  await storage.close()
})

test('a database that another owner has made anew is not written by the one before', async () => {
  const { name, root, storage } = await opened()
  await storage.commit([write('x', '1')])
  await request(fake.deleteDatabase(root))
  const second = await opened({ name })
  await second.storage.commit([write('fresh', '1')])
  await assert.rejects(storage.commit([write('y', '2')]), StorageError)
  assert.deepEqual(await reloaded(name), { fresh: '1' })
  await Promise.all([storage.close(), second.storage.close()])
})

test('a store that was emptied under the node is not written any more', async () => {
  const { root, storage } = await opened()
  await storage.commit([write('x', '1')])
  const database = await request(fake.open(root, 21))
  await request(database.transaction('FILE_DATA', 'readwrite').objectStore('FILE_DATA').clear())
  await assert.rejects(storage.commit([write('y', '2')]), /emptied/)
  assert.equal((await entries(root)).size, 0)
  database.close()
  await storage.close()
})

test('a store that is there is not called created, and the time of day does not matter', async () => {
  const realNow = Date.now
  const first = await opened()
  assert.equal((await first.storage.status()).created, true)
  await first.storage.commit([write('x', '1')])
  Date.now = () => realNow() - 86_400_000
  try {
    const second = await opened({ name: first.name })
    assert.equal((await second.storage.status()).created, undefined)
    await assert.rejects(first.storage.commit([write('x', '2')]), NodeInUseError)
    await second.storage.commit([write('x', '3')])
    assert.deepEqual(await reloaded(first.name), { x: '3' })
    await Promise.all([first.storage.close(), second.storage.close()])
  } finally {
    Date.now = realNow
  }
})

async function node(t, name) {
  const storage = await IndexedDbStorage.open(name, { factory: fake })
  const { node } = await openCustom({ name, storage })
  t.after(() => node.close())
  const nc = await node.connect()
  return { node, nc, js: jetstream(nc), jsm: await jetstreamManager(nc) }
}

async function lostEvent(events) {
  for await (const event of events) if (event.type === 'lost') return event
  throw new Error('no lost event came')
}

test('a node whose store is taken refuses its publishes, ends its connections, and says so', async (t) => {
  const first = await node(t, 'taken')
  await first.jsm.streams.add({ name: 'S', subjects: ['s'] })
  await first.js.publish('s', 'kept')
  const lost = lostEvent(first.node.events())
  const second = await node(t, 'taken')
  await assert.rejects(first.js.publish('s', 'late'))
  assert.deepEqual((await lost).name, 'NodeInUseError')
  await first.nc.closed()
  await assert.rejects(first.node.connect(), NodeInUseError)
  assert.match((await first.node.status()).storage.lost, /opened elsewhere/)
  const { state } = await second.jsm.streams.info('S')
  assert.equal(state.messages, 1)
  assert.equal((await second.js.publish('s', 'next')).seq, 2)
  assert.equal((await second.node.status()).storage.lost, undefined)
})

test('a node whose database is deleted stops at once, with nothing acknowledged afterwards', async (t) => {
  const { node: deleted, nc, js, jsm } = await node(t, 'deleted')
  await jsm.streams.add({ name: 'S', subjects: ['s'] })
  const lost = lostEvent(deleted.events())
  await request(fake.deleteDatabase('/frond-deleted'))
  assert.match((await lost).message, /deleted while the node was open/)
  await assert.rejects(js.publish('s', 'late'))
  await nc.closed()
  await assert.rejects(deleted.connect(), StorageError)
  assert.match((await deleted.status()).storage.lost, /deleted/)
  assert.deepEqual(
    (await fake.databases()).filter(({ name }) => name === '/frond-deleted'),
    [],
  )
})

let oneFileSystem
/** What is mounted does not matter here, only that loading takes its time. */
async function fileSystem() {
  oneFileSystem ??= await newFileSystem()
  return Object.assign(Object.create(oneFileSystem), {
    mount: () => undefined,
    syncfs: (_, done) => setTimeout(done),
    readdir: () => [],
    writeFile: () => undefined,
    utime: () => undefined,
  })
}

async function keys(name) {
  return [...(await entries(`/frond-${name}`)).keys()]
}
