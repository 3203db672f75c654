// A store that a later version of Frond has written: no host opens it, and its files stay as they are.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import fake from 'fake-indexeddb'
import { DirectoryStorage, IndexedDbStorage, StorageError } from 'frond/internal'
import { crc32c } from '../support/crc32c.mjs'
import { openCustom } from './support/custom_node.mjs'
import { entries, request } from './support/idb.mjs'

/** The same file as the next version writes it, as far as this one looks. */
function newer(contents) {
  const bytes = Buffer.from(contents)
  ++bytes[3]
  const magic = bytes.toString('latin1', 0, 3)
  if (magic === 'FRB') bytes.writeUInt32LE(crc32c(bytes.subarray(0, 32)), 32)
  else bytes.writeUInt32LE(crc32c(Buffer.concat([bytes.subarray(0, 4), bytes.subarray(8)])), 4)
  return bytes
}

async function fill(storage) {
  const { node } = await openCustom({ storage })
  const nc = await node.connect()
  await (await jetstreamManager(nc)).streams.add({ name: 'S', subjects: ['s'] })
  await jetstream(nc).publish('s', 'kept')
  await node.close()
}

const laterVersion = (error) =>
  error instanceof StorageError &&
  /streams\/S\/.*: written by a later version of Frond/.test(error.message)

for (const name of ['meta.json', 'blocks/1.blk']) {
  test(`a directory with a later ${name} is refused and stays as it is`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'frond-newer-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    await fill(await DirectoryStorage.open('custom', directory))
    const path = join(directory, 'data/streams/S', name)
    const old = readFileSync(path)
    writeFileSync(path, newer(old))
    const shown = () =>
      readdirSync(join(directory, 'data'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1')])
    const before = shown()
    const storage = await DirectoryStorage.open('custom', directory)
    await assert.rejects(openCustom({ storage }), laterVersion)
    assert.deepEqual(shown(), before)
    // With the version that it was, it opens.
    writeFileSync(path, old)
    const { node } = await openCustom({ storage: await DirectoryStorage.open('custom', directory) })
    await node.close()
  })

  test(`a database with a later ${name} is refused and stays as it is`, async () => {
    await request(fake.deleteDatabase('/frond-custom'))
    await fill(await IndexedDbStorage.open('custom', { factory: fake }))
    await change(`/frond-custom/streams/S/${name}`, newer)
    const before = await filesStored()
    const storage = await IndexedDbStorage.open('custom', { factory: fake })
    await assert.rejects(openCustom({ storage }), laterVersion)
    assert.deepEqual(await filesStored(), before)
  })
}

async function change(key, how) {
  const database = await request(fake.open('/frond-custom', 21))
  const transaction = database.transaction('FILE_DATA', 'readwrite')
  const store = transaction.objectStore('FILE_DATA')
  const entry = await request(store.get(key))
  store.put({ ...entry, contents: new Uint8Array(how(entry.contents)) }, key)
  await new Promise((resolve) => {
    transaction.oncomplete = resolve
  })
  database.close()
}

/** All but whose it is: opening takes the store over. */
async function filesStored() {
  const all = await entries('/frond-custom')
  all.delete('owner')
  return all
}
