// The built package in Firefox and WebKitGTK, in short: it is stored, reloaded, killed and shared by two tabs as in
// Chromium, and joins a hub. WebKitGTK has no Web Locks, and under automation it keeps nothing when it ends.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { eventually } from '../interop/eventually.mjs'
import { startHub, stock } from '../interop/server.mjs'
import { newProfile } from './support/chromium.mjs'
import { startFirefox } from './support/firefox.mjs'
import { buildSite, serve } from './support/site.mjs'
import { startWebKit } from './support/webkit.mjs'

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
