// What only pages hear of the network reaches the node in its shared worker: it dials at once, in place of waiting for
// its next try.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocketServer } from 'ws'
import { eventually } from '../interop/eventually.mjs'
import { openedSite } from './support/opened_site.mjs'

const shared = openedSite()

/** A hub that takes nobody's credentials, which makes for long pauses, and counts the dials. */
async function refusing(t) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  t.after(() => server.close())
  const hub = { dials: 0, url: `ws://127.0.0.1:${server.address().port}` }
  const info = {
    server_id: 'H',
    server_name: 'hub',
    version: '2.11.0',
    headers: true,
    max_payload: 1e6,
  }
  server.on('connection', (socket) => {
    ++hub.dials
    socket.send(Buffer.from(`INFO ${JSON.stringify(info)}\r\n`))
    socket.on('message', () => {
      socket.send(Buffer.from("-ERR 'Authorization Violation'\r\n"))
      socket.close()
    })
  })
  return hub
}

const changes = {
  "the page's offline switch, back to online": async (page) => {
    await page.context().setOffline(true)
    await page.context().setOffline(false)
  },
  'a page that is shown again': (page) =>
    page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))),
  'a page out of the cache of pages': (page) =>
    page.evaluate(() => window.dispatchEvent(new Event('pageshow'))),
}

for (const [what, change] of Object.entries(changes)) {
  test(`${what} makes the node dial at once`, async (t) => {
    const hub = await refusing(t)
    const page = await shared.openPage()
    const owner = await page.evaluate(async (url) => {
      globalThis.node = await frond.open({ name: `net-${Date.now()}`, hub: { url } })
      return (await node.status()).owner
    }, hub.url)
    assert.equal(owner, 'shared-worker')
    const wait = () =>
      page.evaluate(async () => Date.parse((await node.status()).link.next ?? '') - Date.now())
    await eventually('a long pause', async () => (await wait()) > 3_500, 60_000)
    const before = hub.dials
    await change(page)
    await eventually('a dial', () => hub.dials > before, 2_000)
    await page.evaluate(() => node.close())
    await page.close()
  })
}
