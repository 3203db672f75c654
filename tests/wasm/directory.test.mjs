// The directory backend of Node.js: replaced, appended and removed files, failures half-way. Its lock has a file of
// its own.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { DirectoryStorage, StorageError } from 'frond/internal'
import { openCustom } from './support/custom_node.mjs'
import { append, contents, newFileSystem, remove, write } from './support/instance.mjs'

const made = []
after(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true })
})

function temporary() {
  const directory = mkdtempSync(join(tmpdir(), 'frond-directory-'))
  made.push(directory)
  return directory
}

async function opened(directory = temporary()) {
  const storage = await DirectoryStorage.open('node', directory)
  const fs = await newFileSystem()
  const root = await storage.mount(fs)
  return { directory, storage, shown: () => contents(fs, root) }
}

test('the mount shows what is committed, also after opening again', async () => {
  const { directory, storage, shown } = await opened()
  await storage.commit([
    write('streams/A/meta.json', '{}'),
    append('streams/A/blocks/1.blk', 0, 'one'),
  ])
  await storage.commit([append('streams/A/blocks/1.blk', 3, ' two'), write('gone', 'x')])
  await storage.commit([remove('gone'), remove('never was')])
  const expected = { 'streams/A/meta.json': '{}', 'streams/A/blocks/1.blk': 'one two' }
  assert.deepEqual(shown(), expected)
  assert.equal((await storage.status()).bytes, 9)
  await storage.close()
  const again = await opened(directory)
  assert.deepEqual(again.shown(), expected)
  await again.storage.close()
})

test('an append at an offset cuts off what a crash has left behind it', async () => {
  const { storage, shown } = await opened()
  await storage.commit([append('log', 0, 'good torn torn')])
  await storage.commit([append('log', 5, 'new')])
  assert.deepEqual(shown(), { log: 'good new' })
  await storage.close()
})

test('a file is replaced by a rename: no half of it is ever under its name', async () => {
  const { directory, storage } = await opened()
  await storage.commit([write('a', 'x'.repeat(100_000))])
  assert.deepEqual(readdirSync(join(directory, 'data')), ['a'])
  await storage.close()
})

test('a path that leaves the directory is refused', async () => {
  const { directory, storage } = await opened()
  await assert.rejects(storage.commit([write('../outside', 'x')]), StorageError)
  assert.equal(existsSync(join(directory, 'outside')), false)
  await storage.close()
})

test('a directory where a file should be ends in a StorageError, and the store goes on', async () => {
  const { storage, shown } = await opened()
  await storage.commit([write('a/b', 'x')])
  await assert.rejects(storage.commit([write('a', 'y')]), StorageError)
  await storage.commit([write('c', 'z')])
  assert.equal(shown().c, 'z')
  assert.equal(shown()['a/b'], 'x')
  await storage.close()
})

test('a directory that cannot be made is a StorageError', async () => {
  const directory = temporary()
  writeFileSync(join(directory, 'file'), '')
  await assert.rejects(DirectoryStorage.open('node', join(directory, 'file')), StorageError)
})

test('an append behind the end of a file is refused: it would leave a hole', async () => {
  const { directory, storage, shown } = await opened()
  await storage.commit([append('log', 0, 'one')])
  rmSync(join(directory, 'data', 'log'))
  await assert.rejects(storage.commit([append('log', 3, 'two')]), /ends at 0, before 3/)
  await storage.commit([write('log', 'anew')])
  assert.deepEqual(shown(), { log: 'anew' })
  await storage.close()
})

test('a file that cannot be replaced leaves nothing beside it', async () => {
  const { directory, storage } = await opened()
  await storage.commit([write('a/b', 'x')])
  await assert.rejects(storage.commit([write('a', 'y')]), StorageError)
  assert.deepEqual(readdirSync(join(directory, 'data')), ['a'])
  await storage.close()
})

test('a directory of which a part may not be read does not open as a node that knows the rest', async () => {
  const directory = temporary()
  const { storage } = await opened(directory)
  await storage.commit([write('streams/A/meta.json', '{}'), write('streams/A/blocks/1', 'x')])
  await storage.close()
  const blocks = join(directory, 'data/streams/A/blocks')
  for (const open of [blocks, directory, join(directory, 'data')]) chmodSync(open, 0o777)
  chmodSync(blocks, 0)
  // Tests may run as root, whom no permission stops.
  const user = process.geteuid()
  if (user === 0) process.seteuid(65_534)
  try {
    await assert.rejects(
      openCustom({ name: 'node', storage: await DirectoryStorage.open('node', directory) }),
      (error) => {
        assert.ok(error instanceof StorageError)
        return /streams\/A\/blocks.*: Permission denied/.test(error.message)
      },
    )
  } finally {
    if (user === 0) process.seteuid(0)
  }
  chmodSync(blocks, 0o755)
  assert.ok(existsSync(join(blocks, '1')))
})
