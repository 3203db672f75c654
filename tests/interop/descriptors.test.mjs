// A frond-server whose table of file descriptors anybody may fill with connections: what is stored is read and written
// all the same, whoever waits gets in once there is room again, and the log says why.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { eventually } from './eventually.mjs'
import { freePort, frond } from './server.mjs'

function temporary(t) {
  const directory = mkdtempSync(join(tmpdir(), 'frond-descriptors-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A server that was started behind `ulimit` with these arguments. */
async function limited(t, limit, directory = temporary(t)) {
  const port = await freePort()
  const run = `ulimit ${limit} && exec "$0" -a 127.0.0.1 -p ${port} -js -sd "${directory}"`
  const child = spawn('bash', ['-c', run, frond], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const server = { port, child, log: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      server.log += data
    })
  }
  await eventually('the server is ready', () => server.log.includes('Server is ready'))
  return server
}

/** Connections that say nothing; `greeted` counts those that got an INFO. */
function crowd(t, port, size) {
  const all = { greeted: 0, sockets: [] }
  while (all.sockets.length < size) {
    const socket = connectTcp(port, '127.0.0.1')
    socket.once('data', () => {
      all.greeted++
    })
    socket.on('error', () => {})
    all.sockets.push(socket)
  }
  all.leave = () => {
    for (const socket of all.sockets) socket.destroy()
  }
  t.after(all.leave)
  return all
}

test('connections leave the store its descriptors', async (t) => {
  const streams = 40
  const server = await limited(t, '-n 128')
  const nc = await connect({ port: server.port, reconnect: false })
  t.after(() => nc.close())
  const jsm = await jetstreamManager(nc)
  const js = jetstream(nc)
  for (let i = 0; i < streams; i++) {
    await jsm.streams.add({ name: `s${i}`, subjects: [`s${i}.>`] })
    await js.publish(`s${i}.a`, 'before')
    await jsm.consumers.add(`s${i}`, { durable_name: 'c', ack_policy: AckPolicy.Explicit })
  }
  const all = crowd(t, server.port, 200)
  await eventually('the server pauses', () => server.log.includes('Temporary Client Accept Error'))
  const waiting = () => readdirSync(`/proc/${server.child.pid}/fd`).length
  assert.ok(waiting() < 128, `${waiting()} descriptors`)
  assert.ok(all.greeted > 20, `${all.greeted} got in`)
  for (let i = 0; i < streams; i++) {
    const { seq } = await js.publish(`s${i}.a`, 'meanwhile')
    assert.equal(seq, 2)
    assert.equal((await jsm.streams.getMessage(`s${i}`, { seq: 1 })).string(), 'before')
    const consumer = await js.consumers.get(`s${i}`, 'c')
    const message = await consumer.next({ expires: 5000 })
    assert.equal(message?.string(), 'before')
    assert.ok(await message.ackAck())
  }
  assert.ok(all.greeted < 128, `${all.greeted} got in`)
  const lines = server.log.split('\n').filter((line) => line.includes('Accept Error')).length
  assert.ok(lines < 20, `${lines} lines`)
  all.leave()
  const late = await connect({ port: server.port, reconnect: false, timeout: 10_000 })
  await late.flush()
  await late.close()
})

test('more streams than descriptors', async (t) => {
  const directory = temporary(t)
  const first = await limited(t, '-n 64', directory)
  const nc = await connect({ port: first.port, reconnect: false })
  const jsm = await jetstreamManager(nc)
  for (let i = 0; i < 80; i++) {
    await jsm.streams.add({ name: `s${i}`, subjects: [`s${i}.>`] })
    await jetstream(nc).publish(`s${i}.a`, 'kept')
  }
  await nc.close()
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const second = await limited(t, '-n 64', directory)
  const again = await connect({ port: second.port, reconnect: false })
  t.after(() => again.close())
  const { streams } = await (await jetstreamManager(again)).getAccountInfo()
  assert.equal(streams, 80)
})

test('the limit is what the system allows at most', async (t) => {
  const server = await limited(t, '-Sn 64')
  const all = crowd(t, server.port, 150)
  await eventually('all are let in', () => all.greeted === 150)
})
