// Whose a store is, in real Chromium: two deploys on an insecure origin, where there are no locks; site data deleted
// under an open node, forbidden, and damaged on the disk.
import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newProfile, startChromium } from './support/chromium.mjs'
import { buildSite, serve } from './support/site.mjs'

let site
/** The same site under a name that is neither HTTPS nor the loopback's. */
let insecure
before(async () => {
  const folder = await buildSite('owner')
  copyFileSync(join(folder, 'worker.js'), join(folder, 'worker_before.js'))
  site = await serve(folder)
  insecure = site.url.replace('localhost', 'frond.test')
})
after(() => site.close())

async function browserFor(t) {
  const profile = newProfile()
  const flags = ['--host-resolver-rules=MAP frond.test 127.0.0.1']
  const started = { current: await startChromium(profile.path, flags) }
  t.after(async () => {
    await started.current.kill()
    profile.remove()
  })
  return {
    profile: profile.path,
    open: (url = site.url) => started.current.open(url),
    clearSiteData: async (page) => {
      const session = await started.current.context.newCDPSession(page)
      const { origin } = new URL(site.url)
      await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' })
    },
    /** Closes it, changes what lies on the disk, and starts it again. */
    async meanwhile(change) {
      await started.current.close()
      change()
      started.current = await startChromium(profile.path, flags)
    },
  }
}

/** Opens the node in the page, with its events noted in `lost`; answers its status or its error. */
const openNode = (page, options) =>
  page.evaluate(async (given) => {
    try {
      const node = await frond.open(given)
      const nc = await node.connect()
      Object.assign(globalThis, { node, nc, js: jetstream(nc), jsm: await jetstreamManager(nc) })
      globalThis.lost = (async () => {
        for await (const event of node.events()) if (event.type === 'lost') return event
      })()
      return await node.status()
    } catch (error) {
      return { error: error.name, message: error.message }
    }
  }, options)

const addStream = (page) =>
  page.evaluate(() => jsm.streams.add({ name: 'S', subjects: ['s'] }).then(() => undefined))

/** The sequence, or the name of what refused it. */
const publish = (page) =>
  page.evaluate(() =>
    js.publish('s', 'x').then(
      (ack) => ack.seq,
      (error) => error.name,
    ),
  )

/** What a page whose node has lost its store finds. */
const afterLoss = (page) =>
  page.evaluate(async () => ({
    event: await lost,
    closed: (await nc.closed()) ?? 'closed',
    refused: await node.connect().catch((error) => error.name),
    status: (await node.status()).storage,
  }))

for (const worker of ['shared', 'dedicated']) {
  test(`without locks the new deploy has the store, and the old one knows (${worker} worker)`, async (t) => {
    const browser = await browserFor(t)
    const [before, after] = [await browser.open(insecure), await browser.open(insecure)]
    assert.equal(await before.evaluate(() => isSecureContext || 'locks' in navigator), false)
    const options = { name: 'deploys', worker }
    const first = await openNode(before, { ...options, workerUrl: '/worker_before.js' })
    assert.equal(first.storage.kind, 'indexeddb', JSON.stringify(first))
    await addStream(before)
    assert.equal(await publish(before), 1)
    assert.equal((await openNode(after, options)).storage.kind, 'indexeddb')
    const { event, closed, refused, status } = await afterLoss(before)
    assert.equal(event.name, 'NodeInUseError')
    assert.equal(closed, 'closed')
    assert.equal(refused, 'NodeInUseError')
    assert.match(status.lost, /opened elsewhere/)
    assert.equal(await publish(after), 2)
    // A third page of the old deploy is the last one to open.
    const third = await browser.open(insecure)
    const again = await openNode(third, { ...options, workerUrl: '/worker_before.js' })
    assert.equal(again.error, undefined, again.message)
    assert.equal((await afterLoss(after)).event.name, 'NodeInUseError')
    assert.equal(await publish(third), 3)
  })
}

test('without locks, of two deploys that open in the same moment one has the store', async (t) => {
  const browser = await browserFor(t)
  const pages = [await browser.open(insecure), await browser.open(insecure)]
  for (let round = 0; round < 10; ++round) {
    const opened = await Promise.all(
      pages.map((page, i) =>
        openNode(page, {
          name: `at-once-${round}`,
          workerUrl: ['/worker_before.js', '/worker.js'][i],
        }),
      ),
    )
    for (const { error } of opened) assert.ok(error === undefined || error === 'NodeInUseError')
    const acknowledged = []
    for (const [i, page] of pages.entries()) {
      if (opened[i].error !== undefined) continue
      await page.evaluate(() =>
        jsm.streams.add({ name: 'S', subjects: ['s'] }).catch(() => undefined),
      )
      if ((await publish(page)) === 1) acknowledged.push(page)
    }
    assert.equal(acknowledged.length, 1, `round ${round}`)
    for (const page of pages) await page.evaluate(() => globalThis.node?.close())
  }
})

for (const how of ['by the page', 'by the browser']) {
  test(`a database deleted under an open node ${how}: it stops, and nothing is made anew behind it`, async (t) => {
    const browser = await browserFor(t)
    const page = await browser.open()
    const options = { name: 'deleted' }
    assert.equal((await openNode(page, options)).storage.created, true)
    await addStream(page)
    assert.equal(await publish(page), 1)
    if (how === 'by the browser') {
      // Chromium tells an idle connection nothing: its next commit finds out.
      await browser.clearSiteData(page)
      assert.equal(await publish(page), 'JetStreamApiError')
    } else {
      await page.evaluate(
        () =>
          new Promise((resolve, reject) => {
            const request = indexedDB.deleteDatabase('/frond-deleted')
            Object.assign(request, { onsuccess: resolve, onerror: reject, onblocked: reject })
          }),
      )
    }
    const { event, refused, status } = await afterLoss(page)
    assert.equal(event.name, 'StorageError')
    assert.match(status.lost, /deleted while the node was open/)
    assert.equal(refused, 'StorageError')
    assert.notEqual(await publish(page), 2)
    const names = await page.evaluate(async () =>
      (await indexedDB.databases()).map(({ name }) => name),
    )
    assert.ok(!names.includes('/frond-deleted'), names.join())
    await page.evaluate(() => node.close())
    assert.equal((await openNode(page, options)).storage.created, true)
    await addStream(page)
    assert.equal(await publish(page), 1)
  })
}

const filesBelow = (directory) =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

for (const part of [/\.log$/, /MANIFEST/]) {
  test(`a store that is damaged on the disk (${part.source}) is an error, never a node that begins anew`, async (t) => {
    const browser = await browserFor(t)
    const options = { name: 'damaged' }
    const page = await browser.open()
    await openNode(page, options)
    await addStream(page)
    assert.equal(await publish(page), 1)
    await browser.meanwhile(() => {
      const stores = join(browser.profile, 'Default', 'IndexedDB')
      for (const file of filesBelow(stores).filter((path) => part.test(path))) {
        writeFileSync(
          file,
          readFileSync(file).map((byte, i) => (i % 7 === 0 ? byte ^ 0x5a : byte)),
        )
      }
    })
    const again = await browser.open()
    const found = await openNode(again, options)
    assert.equal(found.error, 'StorageError', JSON.stringify(found))
    // Chromium has removed it, or leaves it as it is; either way the node does not call it the old one.
    const next = await openNode(again, options)
    assert.ok(next.error === 'StorageError' || next.storage.created, JSON.stringify(next))
  })
}
