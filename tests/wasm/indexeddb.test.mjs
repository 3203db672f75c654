// The IndexedDB backend: what is durable is seen again, in the format of IDBFS.
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { entries, opened, reloaded } from './support/idb.mjs'
import { append, remove, write } from './support/instance.mjs'

const realNow = Date.now

afterEach(() => {
  Date.now = realNow
})

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
  // The owner's entry has no timestamp, by which IDBFS lists its files.
  assert.deepEqual(Object.keys(before.get('owner')), ['token'])
  assert.deepEqual([...before.keys()].sort(), [
    `${first.root}/a`,
    `${first.root}/a/b`,
    `${first.root}/a/b/c`,
    'owner',
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
  assert.ok((await entries(first.root)).has('owner'))
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
