// The built package in Firefox and WebKitGTK, in short: it is stored, reloaded, killed and shared by two tabs as in
// Chromium, and joins a hub. WebKitGTK has no Web Locks, and under automation it keeps nothing when it ends: it is killed
// without.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { WebSocketServer } from 'ws'
import { eventually } from '../interop/eventually.mjs'
import { startHub, stock } from '../interop/server.mjs'
import { newProfile } from './support/chromium.mjs'
import { startFirefox } from './support/firefox.mjs'
import { buildSite, serve } from './support/site.mjs'
import { showInWebKit, startWebKit } from './support/webkit.mjs'

let site
let hub
let atHub
before(async () => {
  site = await serve(await buildSite('other-browsers'))
  hub = await startHub(stock('2.15'))
  atHub = await connect({ servers: hub.url })
  const jsm = await jetstreamManager(atHub)
  await jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'] })
  await jsm.streams.add({ name: 'PRICES', subjects: ['prices.>'] })
})
after(async () => {
  await atHub.close()
  await hub.remove()
  await site.close()
})

/** What runs in the page; each gets one value of JSON. */
const ready = () => globalThis.ready === true
const openNode = async (given) => {
  const node = await frond.open(given)
  const nc = await node.connect()
  Object.assign(globalThis, { node, nc, js: jetstream(nc), jsm: await jetstreamManager(nc) })
  return node.status()
}
const addStream = async (config) => (await jsm.streams.add(config)).config.name
const publish = async ({ subject, count }) => {
  const acks = Array.from({ length: count }, (_, i) => js.publish(subject, `${i}`))
  return (await Promise.all(acks)).at(-1).seq
}
const messages = async (stream) => (await jsm.streams.info(stream)).state.messages
const linkState = async () => (await node.status()).link

for (const { name, start, keeps } of [
  { name: 'Firefox', start: startFirefox, keeps: true },
  { name: 'WebKitGTK', start: startWebKit, keeps: false },
]) {
  describe(name, () => {
    let browser
    const profile = newProfile()
    before(async () => {
      browser = await start(profile.path)
    })
    after(async () => {
      await browser?.kill()
      profile.remove()
    })
    const openPage = async () => {
      const page = await browser.open(site.url)
      await eventually('the page', () => page.evaluate(ready))
      return page
    }
    const options = { name: `in-${name}` }

    test('stored, reloaded, killed: what was acknowledged is there', async () => {
      let page = await openPage()
      const { storage } = await page.evaluate(openNode, options)
      assert.equal(storage.kind, 'indexeddb', JSON.stringify(storage))
      await page.evaluate(addStream, { name: 'S', subjects: ['s'] })
      assert.equal(await page.evaluate(publish, { subject: 's', count: 200 }), 200)
      await page.reload()
      await eventually('the page again', () => page.evaluate(ready))
      await page.evaluate(openNode, options)
      assert.equal(await page.evaluate(messages, 'S'), 200)
      assert.equal(await page.evaluate(publish, { subject: 's', count: 50 }), 250)
      if (keeps) {
        await browser.kill()
        browser = await start(profile.path)
        page = await openPage()
        const again = await page.evaluate(openNode, options)
        assert.equal(again.storage.created, undefined)
        assert.equal(await page.evaluate(messages, 'S'), 250)
      }
      await page.evaluate(() => node.close())
      await page.close()
    })

    test('two tabs share one node', async () => {
      const [first, second] = [await openPage(), await openPage()]
      assert.equal((await first.evaluate(openNode, options)).owner, 'shared-worker')
      assert.equal((await second.evaluate(openNode, options)).owner, 'shared-worker')
      const seq = await first.evaluate(publish, { subject: 's', count: 1 })
      assert.equal(await second.evaluate(publish, { subject: 's', count: 1 }), seq + 1)
      await first.evaluate(() => node.close())
      assert.equal(await second.evaluate(publish, { subject: 's', count: 1 }), seq + 2)
      await second.evaluate(() => node.close())
      await Promise.all([first.close(), second.close()])
    })

    test('an outbox and a mirror over the link', async () => {
      const page = await openPage()
      const url = `ws://127.0.0.1:${hub.ports[2]}`
      const link = { url, domain: 'hub', user: 'leaf', password: 'secret' }
      await page.evaluate(openNode, { name: `linked-${name}`, hub: link })
      const subject = `orders.${name}`
      const metadata = { 'frond.forward': 'hub' }
      await page.evaluate(addStream, { name: 'OUT', subjects: [subject], metadata })
      const external = { api: '$JS.hub.API', deliver: '' }
      await page.evaluate(addStream, { name: 'COPY', mirror: { name: 'PRICES', external } })
      await page.evaluate(publish, { subject, count: 20 })
      await jetstream(atHub).publish('prices.tea', '3')
      const jsm = await jetstreamManager(atHub)
      const arrived = async () =>
        (await jsm.streams.info('ORDERS', { subjects_filter: subject })).state.subjects?.[subject]
      await eventually('the outbox', async () => (await arrived()) === 20, 30_000)
      await eventually('the mirror', async () => (await page.evaluate(messages, 'COPY')) > 0)
      assert.equal((await page.evaluate(linkState)).state, 'online')
      await page.evaluate(() => node.close())
      await page.close()
    })
  })
}

test('WebKitGTK killed in the midst of publishing: what was acknowledged is there', async (t) => {
  const profile = newProfile()
  t.after(() => profile.remove())
  const teller = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(teller, 'listening')
  t.after(() => teller.close())
  const told = { found: undefined, acknowledged: 0 }
  teller.on('connection', (socket) => {
    socket.on('message', (text) => Object.assign(told, JSON.parse(text)))
  })
  const folder = await buildSite('killed')
  writeFileSync(join(folder, 'killed.js'), publishForEver(teller.address().port))
  const scripts = ['page.js', 'killed.js'].map(
    (name) => `<script type="module" src="${name}"></script>`,
  )
  writeFileSync(join(folder, 'index.html'), `<!doctype html>${scripts.join('')}`)
  const own = await serve(folder)
  t.after(() => own.close())
  for (let round = 1; round <= 2; ++round) {
    const before = told.acknowledged
    told.found = undefined
    const browser = await showInWebKit(profile.path, own.url)
    try {
      await eventually('the page', () => told.found !== undefined, 60_000)
      assert.ok(told.found >= before, `${told.found} found, ${before} acknowledged`)
      await eventually('publishes', () => told.acknowledged >= told.found + 200, 30_000)
    } finally {
      await browser.kill()
    }
  }
  const browser = await showInWebKit(profile.path, own.url)
  t.after(() => browser.kill())
  const { acknowledged } = told
  told.found = undefined
  await eventually('the page', () => told.found !== undefined, 60_000)
  assert.ok(told.found >= acknowledged, `${told.found} found, ${acknowledged} acknowledged`)
})

/** A page's script: tells what it has found, then publishes and tells what was acknowledged. */
function publishForEver(port) {
  return `const socket = new WebSocket('ws://127.0.0.1:${port}')
    await new Promise((resolve) => { socket.onopen = resolve })
    const nc = await (await frond.open({ name: 'killed' })).connect()
    const { streams } = await jetstreamManager(nc)
    await streams.add({ name: 'S', subjects: ['s'] })
    socket.send(JSON.stringify({ found: (await streams.info('S')).state.last_seq }))
    for (;;) {
      const acks = Array.from({ length: 20 }, () => jetstream(nc).publish('s', 'x'))
      const acknowledged = (await Promise.all(acks)).at(-1).seq
      socket.send(JSON.stringify({ acknowledged }))
    }`
}
