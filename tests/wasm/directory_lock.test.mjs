// One owner for a directory: between processes that are really there, killed, stopped and racing, and when the directory
// is copied, linked to, moved or removed under its owner.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { DirectoryStorage, NodeInUseError, StorageError } from 'frond/internal'
import { openCustom } from './support/custom_node.mjs'
import { contents, newFileSystem, write } from './support/instance.mjs'

const made = []
const running = new Set()
after(() => {
  for (const child of running) child.kill('SIGKILL')
  for (const directory of made) rmSync(directory, { recursive: true, force: true })
})

function temporary() {
  const directory = mkdtempSync(join(tmpdir(), 'frond-lock-'))
  made.push(directory)
  return directory
}

const open = (directory) => DirectoryStorage.open('node', directory)

async function mounted(directory) {
  const storage = await open(directory)
  const fs = await newFileSystem()
  const root = await storage.mount(fs)
  return { storage, shown: () => contents(fs, root) }
}

/** Another process on the directory; `tell` sends it a line and answers its next one. */
async function owner(directory, ...begin) {
  const program = join(import.meta.dirname, 'support/owner_process.mjs')
  const child = spawn(process.execPath, [program, directory, ...begin], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  running.add(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const said = async () => (await lines.next()).value
  const first = await said()
  return {
    first,
    child,
    tell(line) {
      child.stdin.write(`${line}\n`)
      return said()
    },
    async end(signal = 'SIGKILL') {
      child.kill(signal)
      await once(child, 'exit')
      running.delete(child)
    },
  }
}

test('a second owner is refused, in this process and in another, and let in after a close', async () => {
  const directory = temporary()
  const storage = await open(directory)
  await assert.rejects(open(directory), NodeInUseError)
  const other = await owner(directory, 'open')
  assert.match(other.first, /^NodeInUseError: .* is open in process \d+$/)
  await storage.close()
  assert.equal(await other.tell('open'), 'opened')
  await assert.rejects(open(directory), NodeInUseError)
  assert.equal(await other.tell('close'), 'closed')
  await (await open(directory)).close()
  await other.end()
})

test('an owner that was killed leaves no lock that blocks, however often, and few files', async () => {
  const directory = temporary()
  for (let i = 0; i < 3; ++i) {
    const killed = await owner(directory, 'open')
    assert.equal(killed.first, 'opened')
    assert.equal(await killed.tell('commit'), 'committed')
    await killed.end()
  }
  const { storage, shown } = await mounted(directory)
  assert.equal(Object.keys(shown()).length, 3)
  assert.equal(readdirSync(directory).length, 3)
  await storage.close()
})

test('an owner that is stopped keeps its directory, and goes on', async () => {
  const directory = temporary()
  const stopped = await owner(directory, 'open')
  stopped.child.kill('SIGSTOP')
  await assert.rejects(open(directory), NodeInUseError)
  stopped.child.kill('SIGCONT')
  assert.equal(await stopped.tell('commit'), 'committed')
  await stopped.end()
})

test('of many processes that race for the directory of a killed one, one gets it each time', async () => {
  const directory = temporary()
  await (await owner(directory, 'open')).end()
  const racers = await Promise.all(Array.from({ length: 6 }, () => owner(directory)))
  for (let round = 0; round < 8; ++round) {
    const answers = await Promise.all(racers.map((racer) => racer.tell('open')))
    assert.deepEqual(answers.filter((answer) => answer === 'opened').length, 1, answers.join('\n'))
    for (const answer of answers) assert.match(answer, /^(opened|NodeInUseError: )/)
    const winner = answers.indexOf('opened')
    assert.equal(await racers[winner].tell('commit'), 'committed')
    await racers[winner].end()
    racers[winner] = await owner(directory)
  }
  await Promise.all(racers.map((racer) => racer.end()))
})

test('one directory under two names is one directory', async () => {
  const directory = temporary()
  const link = `${directory}-link`
  symlinkSync(directory, link)
  made.push(link)
  const storage = await open(link)
  await assert.rejects(open(directory), NodeInUseError)
  const other = await owner(directory, 'open')
  assert.match(other.first, /^NodeInUseError/)
  await other.end()
  await storage.close()
})

test('a directory whose path is longer than a socket may have is locked as well', async () => {
  const directory = join(temporary(), 'long'.repeat(50))
  const storage = await open(directory)
  await assert.rejects(open(directory), NodeInUseError)
  await storage.close()
  await (await open(directory)).close()
})

test('a copy made while its owner runs is a directory of its own', async () => {
  const directory = temporary()
  const copy = temporary()
  const { storage } = await mounted(directory)
  await storage.commit([write('x', '1')])
  cpSync(directory, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') })
  const copied = await mounted(copy)
  await Promise.all([
    copied.storage.commit([write('y', 'copy')]),
    storage.commit([write('y', 'original')]),
  ])
  assert.deepEqual(copied.shown(), { x: '1', y: 'copy' })
  await Promise.all([storage.close(), copied.storage.close()])
})

test('a directory that is removed under its owner is lost: nothing is acknowledged, nothing made anew', async () => {
  const directory = temporary()
  const { storage } = await mounted(directory)
  await storage.commit([write('streams/A/meta.json', '{}')])
  rmSync(directory, { recursive: true })
  await assert.rejects(storage.commit([write('streams/A/blocks/1', 'x')]), (error) => {
    assert.ok(error instanceof StorageError)
    return /removed or replaced while the node was open/.test(error.message)
  })
  assert.ok(storage.tenure.lost instanceof StorageError)
  assert.equal(existsSync(directory), false)
  await storage.close()
})

test('a directory that is replaced under its owner is not written by it, even at the same place', async () => {
  const directory = temporary()
  const { storage } = await mounted(directory)
  await storage.commit([write('x', '1')])
  renameSync(directory, `${directory}-away`)
  made.push(`${directory}-away`)
  mkdirSync(directory)
  const second = await mounted(directory)
  await second.storage.commit([write('x', '2')])
  await assert.rejects(storage.commit([write('x', '3')]), StorageError)
  assert.deepEqual(second.shown(), { x: '2' })
  assert.equal(readFileSync(join(`${directory}-away`, 'data', 'x'), 'utf8'), '1')
  await Promise.all([storage.close(), second.storage.close()])
})

test('data that are replaced below the directory are not written either', async () => {
  const directory = temporary()
  const { storage } = await mounted(directory)
  rmSync(join(directory, 'data'), { recursive: true })
  mkdirSync(join(directory, 'data'))
  await assert.rejects(storage.commit([write('x', '1')]), /data was removed or replaced/)
  assert.deepEqual(readdirSync(join(directory, 'data')), [])
  await storage.close()
})

test('an owner whose claim was followed by another has lost the directory', async () => {
  const directory = temporary()
  const { storage } = await mounted(directory)
  // What a second owner does when it is certain that the first is dead.
  const [claim] = readdirSync(directory).filter((name) => name.startsWith('owner.'))
  renameSync(join(directory, claim), join(directory, 'owner.99'))
  writeFileSync(join(directory, claim), '')
  await assert.rejects(storage.commit([write('x', '1')]), NodeInUseError)
  assert.ok(storage.tenure.lost instanceof NodeInUseError)
  await storage.close()
})

const claimOf = (claim) => `${JSON.stringify({ token: 'aa', machine: 'gone', pid: 1, ...claim })}\n`

test('what cannot be judged counts as a living owner, and the message names the file', async () => {
  for (const text of ['', '{}', '{"token":"../x","pid":1}', 'not json', claimOf({ pid: 'x' })]) {
    const directory = temporary()
    writeFileSync(join(directory, 'owner.7'), text)
    await assert.rejects(open(directory), (error) => {
      assert.ok(error instanceof NodeInUseError)
      return error.message.includes(join(directory, 'owner.7'))
    })
  }
})

test('an owner before the machine was started anew is dead; a number is never used twice', async () => {
  const directory = temporary()
  writeFileSync(join(directory, 'owner.7'), claimOf({}))
  const storage = await open(directory)
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.startsWith('owner.')),
    ['owner.8'],
  )
  await storage.close()
  assert.ok(existsSync(join(directory, 'owner.8')))
})

test('a lock file that may not be read is an error, and not a lock that is free', async () => {
  const directory = temporary()
  chmodSync(directory, 0o777)
  writeFileSync(join(directory, 'owner.1'), claimOf({}))
  chmodSync(join(directory, 'owner.1'), 0)
  const uid = process.geteuid()
  if (uid === 0) process.seteuid(65_534)
  try {
    await assert.rejects(open(directory), (error) => {
      assert.ok(error instanceof StorageError)
      return /EACCES/.test(error.message)
    })
  } finally {
    if (uid === 0) process.seteuid(0)
  }
})

test('a node whose directory is removed refuses its publishes, ends its connections, and says so', async (t) => {
  const directory = temporary()
  const storage = await open(directory)
  const { node } = await openCustom({ name: 'removed', storage })
  t.after(() => node.close())
  const nc = await node.connect()
  const js = jetstream(nc)
  await (await jetstreamManager(nc)).streams.add({ name: 'S', subjects: ['s'] })
  await js.publish('s', 'kept')
  const lost = (async () => {
    for await (const event of node.events()) if (event.type === 'lost') return event
  })()
  rmSync(directory, { recursive: true })
  await assert.rejects(js.publish('s', 'late'))
  assert.equal((await lost).name, 'StorageError')
  await nc.closed()
  await assert.rejects(node.connect(), StorageError)
  assert.match((await node.status()).storage.lost, /removed or replaced/)
  assert.equal(existsSync(directory), false)
})
