// The store directory of a running frond-server: a second server on it, and what happens when it is removed, replaced
// or may not be read. (A stock nats-server locks nothing and goes on without its files; frond-server must not.)
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { crc32c } from '../support/crc32c.mjs'
import { freePort, frond } from './server.mjs'

/** A server on the directory; `ended` is its exit code and everything that it has said. */
async function started(t, directory, options = {}) {
  const port = await freePort()
  const args = ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', directory]
  const child = spawn(frond, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let log = ''
  const ready = deferred()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      log += data
      if (log.includes('Server is ready')) ready.resolve()
    })
  }
  const ended = once(child, 'exit').then(([code]) => {
    ready.resolve()
    return { code, log }
  })
  t.after(() => child.kill('SIGKILL'))
  await ready.promise
  return { port, child, ended }
}

function deferred() {
  let resolve
  const promise = new Promise((done) => {
    resolve = done
  })
  return { promise, resolve }
}

function temporary(t) {
  const directory = mkdtempSync(join(tmpdir(), 'frond-store-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function client(t, port) {
  const nc = await connect({ port, reconnect: false })
  t.after(() => nc.close())
  return { nc, js: jetstream(nc), jsm: await jetstreamManager(nc) }
}

test('a second server on the directory ends at once; one whose owner was killed begins', async (t) => {
  const directory = temporary(t)
  const first = await started(t, directory)
  const second = await started(t, directory)
  const { code, log } = await second.ended
  assert.equal(code, 1)
  assert.match(log, /\[FTL\] cannot lock the store directory .*: another server uses it/)
  first.child.kill('SIGKILL')
  const third = await started(t, directory)
  const { jsm } = await client(t, third.port)
  await jsm.streams.add({ name: 'S', subjects: ['s'] })
})

test('a store that a later version has written is refused and stays as it is', async (t) => {
  const directory = temporary(t)
  const server = await started(t, directory)
  const { jsm } = await client(t, server.port)
  await jsm.streams.add({ name: 'S', subjects: ['s'] })
  server.child.kill('SIGTERM')
  await server.ended
  const path = join(directory, 'frond/streams/S/meta.json')
  const later = readFileSync(path)
  later[3] = '2'.charCodeAt(0)
  later.writeUInt32LE(crc32c(Buffer.concat([later.subarray(0, 4), later.subarray(8)])), 4)
  writeFileSync(path, later)
  const { code, log } = await (await started(t, directory)).ended
  assert.equal(code, 1)
  assert.match(log, /\[FTL\] .*streams\/S\/meta.json: written by a later version of Frond/)
  assert.deepEqual(readFileSync(path), later)
})

for (const how of ['removed', 'replaced']) {
  test(`a store directory that is ${how}: the publish is refused, the server ends and says why`, async (t) => {
    const directory = temporary(t)
    const server = await started(t, directory)
    const { nc, js, jsm } = await client(t, server.port)
    await jsm.streams.add({ name: 'S', subjects: ['s'] })
    await js.publish('s', 'kept')
    const store = join(directory, 'frond')
    if (how === 'removed') rmSync(store, { recursive: true })
    else {
      renameSync(store, join(directory, 'away'))
      mkdirSync(store)
    }
    await assert.rejects(js.publish('s', 'late'))
    await nc.closed()
    const { code, log } = await server.ended
    assert.equal(code, 1)
    assert.match(
      log,
      /\[FTL\] the store directory .* was removed or replaced while the server used it/,
    )
    assert.equal(existsSync(join(store, 'streams')), false)
    if (how === 'replaced') {
      rmSync(store, { recursive: true })
      renameSync(join(directory, 'away'), store)
      const again = await started(t, directory)
      const { state } = await (await client(t, again.port)).jsm.streams.info('S')
      assert.equal(state.messages, 1)
    }
  })
}

test('a store of which a part may not be read is not served without it', async (t) => {
  const directory = temporary(t)
  // Tests may run as root, whom no permission stops.
  const user = process.getuid() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  chmodSync(directory, 0o777)
  const server = await started(t, directory, user)
  const { js, jsm } = await client(t, server.port)
  await jsm.streams.add({ name: 'S', subjects: ['s'] })
  await js.publish('s', 'kept')
  server.child.kill('SIGTERM')
  await server.ended
  const blocks = join(directory, 'frond/streams/S/blocks')
  chmodSync(blocks, 0)
  const { code, log } = await (await started(t, directory, user)).ended
  assert.equal(code, 1)
  assert.match(log, /\[FTL\] the store cannot be read: .*Permission denied/)
  chmodSync(blocks, 0o755)
  const again = await started(t, directory, user)
  const { state } = await (await client(t, again.port)).jsm.streams.info('S')
  assert.equal(state.messages, 1)
})
