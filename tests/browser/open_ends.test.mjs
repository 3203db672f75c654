// open() ends, within seconds and in a node or an error of ours, whatever the browser does not give: site data, locks,
// a shared worker, an origin, the worker's file.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newProfile, startChromium } from './support/chromium.mjs'
import { buildSite, serve } from './support/site.mjs'

let site
let browser
let profile
let count = 0
before(async () => {
  // A frame without an origin may read the scripts too.
  const headers = { 'access-control-allow-origin': '*' }
  site = await serve(await buildSite('open-ends'), { headers })
  profile = newProfile()
  browser = await startChromium(profile.path)
})
after(async () => {
  await browser.kill()
  profile.remove()
  await site.close()
})

/** A browser of its own, with the user's setting that forbids all site data. */
async function blockedBrowser(t) {
  const own = newProfile()
  await (await startChromium(own.path)).close()
  const path = join(own.path, 'Default', 'Preferences')
  const preferences = JSON.parse(readFileSync(path, 'utf8'))
  preferences.profile ??= {}
  preferences.profile.default_content_setting_values = { cookies: 2 }
  writeFileSync(path, JSON.stringify(preferences))
  const started = await startChromium(own.path)
  t.after(async () => {
    await started.kill()
    own.remove()
  })
  return started
}

/** Opens a node and publishes; answers its status, or what open() said; "never" after 20 s. */
const outcome = (frame, options = {}) =>
  frame.evaluate(async (given) => {
    const work = async () => {
      const node = await frond.open(given)
      const nc = await node.connect()
      await (await jetstreamManager(nc)).streams.add({ name: 'S', subjects: ['s'] })
      const { seq } = await jetstream(nc).publish('s', 'x')
      const { storage, owner, name } = await node.status()
      globalThis.opened = node
      return { seq, kind: storage.kind, cause: storage.cause, owner, name }
    }
    const late = new Promise((resolve) => setTimeout(resolve, 20_000, { error: 'never' }))
    const failed = (error) => ({ error: error.name, message: error.message })
    return Promise.race([work().catch(failed), late])
  }, options)

/** A page whose globals are changed before any script of it runs. */
async function pageWith(change) {
  const page = await browser.context.newPage()
  await page.addInitScript(change)
  await page.goto(site.url)
  await page.waitForFunction(() => globalThis.ready === true)
  return page
}

test('where the user forbids site data the node is in memory and says why', async (t) => {
  const strict = await blockedBrowser(t)
  for (const options of [{}, { worker: 'dedicated' }, { name: 'given' }]) {
    const found = await outcome(await strict.open(site.url), options)
    assert.equal(found.kind, 'memory', JSON.stringify(found))
    assert.equal(found.owner, 'worker')
    assert.match(found.cause, /denied permission/)
  }
  const asked = await outcome(await strict.open(site.url), { storage: 'memory' })
  assert.equal(asked.kind, 'memory', JSON.stringify(asked))
  assert.equal(asked.cause, undefined)
})

test('an indexedDB that throws at its very name is none', async () => {
  const page = await pageWith(() => {
    const get = () => {
      throw new DOMException('no', 'SecurityError')
    }
    Object.defineProperty(globalThis, 'indexedDB', { get })
  })
  // The page has no place for the name; the worker has one for the data.
  assert.equal((await outcome(page)).seq, 1)
})

test('locks that are refused, or never given, do not hold it up', async () => {
  for (const request of [
    () => Promise.reject(new DOMException('no', 'SecurityError')),
    () => new Promise(() => undefined),
  ]) {
    const page = await pageWith(`navigator.locks.request = ${request}`)
    const found = await outcome(page, { name: `locks-${++count}` })
    assert.equal(found.owner, 'shared-worker', JSON.stringify(found))
  }
})

test('without a SharedWorker, or one that may not be had, a dedicated one runs the node', async () => {
  const refusing = `globalThis.SharedWorker = class {
    constructor() { throw new DOMException('no', 'SecurityError') }
  }`
  for (const change of ['delete globalThis.SharedWorker', refusing]) {
    const found = await outcome(await pageWith(change), { name: `no-shared-${++count}` })
    assert.equal(found.owner, 'worker', JSON.stringify(found))
    assert.equal(found.kind, 'indexeddb')
  }
})

test('in a frame without an origin it is an error of ours', async () => {
  const page = await browser.open(site.url)
  await page.evaluate(() => {
    const frame = document.createElement('iframe')
    frame.setAttribute('sandbox', 'allow-scripts')
    frame.src = location.href
    document.body.append(frame)
    return new Promise((resolve) => frame.addEventListener('load', resolve))
  })
  const frame = page.frames().find((each) => each !== page.mainFrame())
  await frame.waitForFunction(() => globalThis.ready === true)
  const found = await outcome(frame)
  assert.equal(found.error, 'WorkerError', JSON.stringify(found))
})

test('a worker file that is not there is named, with what to do', async () => {
  for (const worker of ['shared', 'dedicated']) {
    const found = await outcome(await browser.open(site.url), { worker, workerUrl: '/nowhere.js' })
    assert.equal(found.error, 'WorkerError', JSON.stringify(found))
    assert.match(found.message, /nowhere\.js: serve worker\.js and frond\.wasm/)
  }
})

test('nodes in memory have names of their own, and two of one name do not both join a hub', async () => {
  const pages = [await browser.open(site.url), await browser.open(site.url)]
  const names = []
  for (const page of pages) names.push((await outcome(page, { storage: 'memory' })).name)
  assert.notEqual(names[0], names[1])
  const options = { storage: 'memory', name: 'one', hub: { url: 'ws://127.0.0.1:9' } }
  assert.equal((await outcome(pages[0], options)).name, 'one')
  assert.equal((await outcome(pages[1], options)).error, 'NodeInUseError')
  await pages[0].evaluate(() => globalThis.opened.close())
  assert.equal((await outcome(pages[1], options)).name, 'one')
})
