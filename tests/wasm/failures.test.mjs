// What goes wrong around the engine is never silent: a trap, a disk that fails, a hub that is not there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { MemoryStorage, StorageError } from 'frond/internal'
import { openCustom } from './support/custom_node.mjs'

async function eventOf(events, type) {
  for await (const event of events) if (event.type === type) return event
  throw new Error(`no ${type} event came`)
}

async function opened(t, options) {
  const { node, traps } = await openCustom(options)
  t.after(() => node.close())
  const nc = await node.connect()
  return { node, traps, nc, js: jetstream(nc), jsm: await jetstreamManager(nc) }
}

/** Storage in memory whose next commits fail with what `fail` answers, if it answers something. */
class FailingStorage extends MemoryStorage {
  fail = () => undefined
  async commit(operations) {
    const error = this.fail()
    if (error) throw error
    return super.commit(operations)
  }
}

test('a trap restarts the node from its log; clients reconnect, subscriptions go on, acknowledged data is there', async (t) => {
  const { node, traps, nc, js, jsm } = await opened(t)
  await jsm.streams.add({ name: 'S', subjects: ['s'] })
  for (let i = 1; i <= 10; ++i) await js.publish('s', `${i}`)
  const subscription = nc.subscribe('plain')
  await nc.flush()
  const restarted = eventOf(node.events(), 'restart')
  const reconnected = (async () => {
    for await (const status of nc.status()) if (status.type === 'reconnect') return
  })()
  traps.next = true
  nc.publish('anything')
  assert.match((await restarted).cause, /RuntimeError/)
  await reconnected
  const { state } = await jsm.streams.info('S')
  assert.equal(state.messages, 10)
  assert.equal((await js.publish('s', 'after')).seq, 11)
  nc.publish('plain', 'still subscribed')
  for await (const message of subscription) {
    assert.equal(message.string(), 'still subscribed')
    break
  }
  assert.equal((await node.status()).restarts, 1)
})

test('an engine that traps again and again is tried again, and a client that waits gets through', async (t) => {
  const { node, traps, nc } = await opened(t)
  let restarts = 0
  const watching = (async () => {
    for await (const event of node.events()) if (event.type === 'log') ++restarts
  })()
  traps.always = true
  traps.next = true
  nc.publish('anything')
  await new Promise((resolve) => setTimeout(resolve, 600))
  traps.always = false
  await nc.flush()
  assert.ok(restarts >= 1)
  await node.close()
  await watching
})

test('a commit that fails refuses its publishes, shows up as an event, and the next one works', async (t) => {
  const storage = new FailingStorage('failing')
  const { node, js, jsm } = await opened(t, { storage })
  await jsm.streams.add({ name: 'S', subjects: ['s'] })
  await js.publish('s', 'first')
  const failed = eventOf(node.events(), 'storage')
  storage.fail = () => new StorageError('commit: QuotaExceededError: the disk is full')
  await assert.rejects(js.publish('s', 'refused'), (error) => {
    assert.match(`${error.message} ${error.code}`, /10077|10047|QuotaExceeded|store|insufficient/i)
    return true
  })
  assert.match((await failed).error, /QuotaExceededError/)
  storage.fail = () => undefined
  assert.equal((await js.publish('s', 'second')).seq, 2)
  const { state } = await jsm.streams.info('S')
  assert.equal(state.messages, 2)
})

test('a publish is not acknowledged before its commit is durable', async (t) => {
  let release
  const gate = new Promise((resolve) => {
    release = resolve
  })
  class SlowStorage extends MemoryStorage {
    slow = false
    async commit(operations) {
      if (this.slow) await gate
      return super.commit(operations)
    }
  }
  const storage = new SlowStorage('slow')
  const { js, jsm } = await opened(t, { storage })
  await jsm.streams.add({ name: 'S', subjects: ['s'] })
  storage.slow = true
  let acknowledged = false
  const publish = js.publish('s', 'x').then(() => {
    acknowledged = true
  })
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.equal(acknowledged, false)
  release()
  await publish
})

test('a hub that cannot be reached leaves the node at work and says why', async (t) => {
  const sockets = []
  const openSocket = (url) => {
    const socket = { readyState: 0, bufferedAmount: 0, send() {}, close() {} }
    sockets.push(url)
    setTimeout(() => {
      socket.onerror?.({ message: 'connect ECONNREFUSED' })
      socket.onclose?.({ code: 1006, reason: '' })
    }, 1)
    return socket
  }
  const hub = { url: 'ws://127.0.0.1:1/leafnode', domain: 'hub' }
  const { node, js, jsm } = await opened(t, { hub, openSocket })
  await jsm.streams.add({ name: 'S', subjects: ['s'] })
  assert.equal((await js.publish('s', 'x')).seq, 1)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  assert.ok(sockets.length >= 2, `${sockets.length} dials`)
  const { link } = await node.status()
  assert.match(link.state, /connecting|offline/)
  assert.match(link.cause ?? '', /ECONNREFUSED/)
  await node.link.pause()
  assert.equal((await node.status()).link.state, 'paused')
  const dials = sockets.length
  await new Promise((resolve) => setTimeout(resolve, 800))
  assert.equal(sockets.length, dials)
  const dialled = eventOf(node.events(), 'link')
  await node.link.resume()
  await dialled
})
