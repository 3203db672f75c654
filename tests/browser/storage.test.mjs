// What the browser may take away: IndexedDB itself, the quota, the worker's file.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openedSite } from './support/opened_site.mjs'

const shared = openedSite()

test('without IndexedDB the node runs in memory and says so', async () => {
  // The real worker behind a file that takes IndexedDB away first, as some private windows do.
  const page = await shared.openPage()
  const status = await page.evaluate(async () => {
    const node = await frond.open({
      name: 'private',
      workerUrl: '/no_indexeddb.js',
      worker: 'dedicated',
    })
    const nc = await node.connect()
    const jsm = await jetstreamManager(nc)
    await jsm.streams.add({ name: 'S', subjects: ['s'] })
    const ack = await jetstream(nc).publish('s', 'x')
    const found = { ...(await node.status()), seq: ack.seq }
    await node.close()
    return found
  })
  assert.equal(status.storage.kind, 'memory')
  assert.equal(status.storage.persistent, false)
  assert.match(status.storage.cause, /IndexedDB/)
  assert.equal(status.seq, 1)
  await page.close()
})

test('a full quota refuses publishes, shows up as an event, and ends when there is room again', async () => {
  const page = await shared.openPage()
  const session = await shared.browser.context.newCDPSession(page)
  const origin = new URL(shared.site.url).origin
  // Before the database is opened: Chromium remembers for a while how much room there was.
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 2_000_000 })
  await page.evaluate(async () => {
    const node = await frond.open({ name: 'full' })
    const nc = await node.connect()
    Object.assign(globalThis, { node, nc, js: jetstream(nc), jsm: await jetstreamManager(nc) })
    await jsm.streams.add({ name: 'S', subjects: ['s'] })
    await js.publish('s', 'small')
    globalThis.failed = (async () => {
      for await (const event of node.events()) if (event.type === 'storage') return event.error
    })()
  })
  const full = await page.evaluate(async () => {
    const data = crypto.getRandomValues(new Uint8Array(50_000))
    let stored = 0
    try {
      for (; stored < 200; ++stored) await js.publish('s', data, { timeout: 20_000 })
      return { stored }
    } catch (error) {
      return { stored, error: error.message, reported: await failed, status: await node.status() }
    }
  })
  assert.ok(full.stored < 200, 'the quota was never reached')
  assert.match(full.reported, /Quota/)
  await session.send('Storage.overrideQuotaForOrigin', { origin })
  const after = await page.evaluate(async () => {
    const ack = await js.publish('s', 'again')
    const { state } = await jsm.streams.info('S')
    return { seq: ack.seq, messages: state.messages }
  })
  assert.equal(after.messages, full.stored + 2)
  await page.evaluate(() => node.close())
  await page.close()
})

test('a worker that cannot be loaded is an error, not a page that waits', async () => {
  const page = await shared.openPage()
  const error = await page.evaluate(async () => {
    try {
      await frond.open({ name: 'missing', workerUrl: '/missing.js', worker: 'dedicated' })
      return 'opened'
    } catch (caught) {
      return caught.name
    }
  })
  assert.equal(error, 'WorkerError')
  await page.close()
})

test('status tells quota and what the origin uses', async () => {
  const page = await shared.openPage()
  const { storage } = await page.evaluate(async () => {
    const node = await frond.open({ name: 'status' })
    const status = await node.status()
    await node.close()
    return status
  })
  assert.ok(storage.quota > 1_000_000)
  assert.ok(storage.originBytes >= 0)
  assert.equal(typeof storage.durable, 'boolean')
  assert.equal(storage.bytes, 0)
  await page.close()
})
