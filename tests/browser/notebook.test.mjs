// The demo page as such: on a phone, installed, in a second tab, and where the browser gives no storage.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { frond } from '../interop/server.mjs'
import { Demo, demoFolder, entryChips, shown, waitForLink, write } from './support/demo.mjs'

test('on a phone: installable, nothing sticks out, and it works by keyboard; the hub is frond-server', async (t) => {
  const demo = await Demo.start(t, { hub: frond })
  const page = await demo.open({ width: 390, height: 844 })
  await waitForLink(page, 'online')
  assert.match(await page.textContent('#link-state'), /^Linked to hub \(\d/)
  await page.focus('#text')
  await page.keyboard.type(`one line ${'unbroken'.repeat(30)}`)
  await page.keyboard.press('Control+Enter')
  await entryChips(page, { hub: 1 })
  const { wide, room } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    room: document.documentElement.clientWidth,
  }))
  assert.equal(wide, room)
  await page.focus('#link')
  await page.keyboard.press('Space')
  await waitForLink(page, 'paused')
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  const devtools = await page.context().newCDPSession(page)
  const { errors } = await devtools.send('Page.getAppManifest')
  assert.deepEqual(errors, [])
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
  assert.deepEqual(installabilityErrors, [])
  assert.deepEqual(demo.problems, [])
})

test('markup in an entry is text', async (t) => {
  const demo = await Demo.start(t)
  const page = await demo.open()
  await write(page, '<img src=x onerror="document.title=1"> & <b>bold</b>')
  await entryChips(page, { here: 1 })
  assert.equal((await shown(page))[0].text, '<img src=x onerror="document.title=1"> & <b>bold</b>')
  assert.equal(await page.title(), 'Frond notebook')
})

test('a second tab shows the same; without a SharedWorker it says that the notebook is open elsewhere', async (t) => {
  const demo = await Demo.start(t)
  const [first, second] = [await demo.open(), await demo.open()]
  await write(first, 'seen in both')
  await entryChips(second, { here: 1 })
  await first.close()
  await second.close()
  await demo.crash()
  const without = { init: () => Reflect.deleteProperty(globalThis, 'SharedWorker') }
  const owner = await demo.open(without)
  await entryChips(owner, { here: 1 })
  const other = await demo.goto(without)
  await other.waitForSelector('#trouble:not([hidden])')
  assert.match(await other.textContent('#trouble'), /open in another tab/)
  assert.equal(await other.isDisabled('#save'), true)
  assert.equal(await other.isDisabled('#link'), true)
  await owner.close()
  await other.reload()
  await entryChips(other, { here: 1 })
})

test('without storage the page works and says that it keeps nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'frond-page-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(demoFolder, folder, { recursive: true })
  const assets = join(folder, 'assets')
  const worker = readdirSync(assets).find((name) => name.startsWith('worker-'))
  const path = join(assets, worker)
  const take = "Object.defineProperty(self, 'indexedDB', { value: undefined });\n"
  writeFileSync(path, take + readFileSync(path, 'utf8'))
  const demo = await Demo.start(t, { folder })
  const page = await demo.open()
  await page.waitForSelector('#memory:not([hidden])')
  assert.match(await page.textContent('#memory'), /gives no storage/)
  await write(page, 'for now')
  await entryChips(page, { here: 1 })
})
