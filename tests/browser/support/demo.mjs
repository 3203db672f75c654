// The demo as a person meets it: the built page on its own little web server, in Chromium with a profile on disk, and
// the hub of demo/hub/nats-server.conf on free ports, reached through a relay that a test can cut.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { servePage } from '../../../scripts/start/page_server.mjs'
import { eventually } from '../../interop/eventually.mjs'
import { Relay } from '../../interop/relay.mjs'
import { freePort, Server } from '../../interop/server.mjs'
import { newProfile, startChromium } from './chromium.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))
export const demoFolder = join(root, 'demo/dist')

/** The configuration a user is told to use, with nothing changed but its three ports; -sd says where it stores. */
export async function startDemoHub(binary) {
  const ports = { 4222: await freePort(), 7422: await freePort(), 4280: await freePort() }
  let text = readFileSync(join(root, 'demo/hub/nats-server.conf'), 'utf8')
  text = text.replace(/^\s*(#|store_dir:).*$/gm, '')
  for (const [standard, free] of Object.entries(ports)) {
    assert.ok(text.includes(standard), `the hub's configuration names port ${standard}`)
    text = text.replaceAll(standard, String(free))
  }
  const folder = mkdtempSync(join(tmpdir(), 'frond-hub-'))
  const conf = join(folder, 'nats-server.conf')
  writeFileSync(conf, text)
  const server = new Server({ binary, conf, name: 'hub', env: {}, ports: Object.values(ports) })
  try {
    await server.start()
  } catch (error) {
    await server.remove()
    throw error
  }
  const remove = async () => {
    await server.remove()
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    websocketPort: ports[4280],
    url: `nats://127.0.0.1:${ports[4222]}`,
    get log() {
      return server.log
    },
    start: () => server.start(),
    kill: () => server.kill(),
    end: (signal) => server.end(signal),
    remove,
  }
}

/** Hub, relay, web server and browser of one test; all of it ends with the test. */
export class Demo {
  #profile = newProfile()
  #browser
  #site
  #sitePort = 0
  #folder
  /** What pages complained about, apart from the hub that does not answer. */
  problems = []

  /** `hub`: the server to run as the hub; without one nothing answers. `folder`: another page than the built one. */
  static async start(t, { hub, folder = demoFolder } = {}) {
    const demo = new Demo()
    demo.#folder = folder
    t.after(() => demo.#end())
    if (hub) demo.hub = await startDemoHub(hub)
    demo.relay = await new Relay(demo.hub?.websocketPort).start()
    if (!hub) demo.relay.cut()
    await demo.startSite()
    demo.#browser = await startChromium(demo.#profile.path)
    return demo
  }

  async #end() {
    await this.#browser?.kill()
    this.stopSite()
    this.relay?.close()
    await this.hub?.remove()
    this.#profile.remove()
  }

  async startSite() {
    this.#site = await servePage(this.#folder, this.#sitePort)
    this.#sitePort = this.#site.address().port
  }
  stopSite() {
    this.#site?.close()
    this.#site?.closeAllConnections()
    this.#site = undefined
  }

  /** SIGKILL for every process of the browser, then a new one on the same profile. */
  async crash() {
    await this.#browser.kill()
    this.#browser = await startChromium(this.#profile.path)
  }

  /** Opens the notebook and waits until its node is open. */
  async open(options) {
    const page = await this.goto(options)
    await page.waitForFunction(() => globalThis.frond !== undefined, undefined, { timeout: 30_000 })
    return page
  }

  /** `init` runs in the page before its own scripts. */
  async goto({ width = 1100, height = 800, init } = {}) {
    const page = await this.#browser.context.newPage()
    page.on('pageerror', (error) => this.problems.push(String(error)))
    page.on('console', (message) => {
      const text = message.text()
      if (message.type() === 'error' && !text.includes('ERR_')) this.problems.push(text)
    })
    if (init) await page.addInitScript(init)
    await page.setViewportSize({ width, height })
    const hub = encodeURIComponent(`ws://127.0.0.1:${this.relay.port}/leafnode`)
    await page.goto(`http://localhost:${this.#sitePort}/?hub=${hub}`)
    return page
  }
}

/** Writes through the form, as a person does, and waits until the page says that it is kept. */
export async function write(page, text) {
  await page.fill('#text', text)
  await page.click('#save')
  await page.waitForFunction(() => document.querySelector('#text').value === '')
}

/** A link that was refused once tries again after 30 s; a busy machine may take that long to say hello. */
export async function waitForLink(page, state) {
  try {
    await page.waitForSelector(`#link-state[data-state="${state}"]`, { timeout: 75_000 })
  } catch (cause) {
    const status = await page.evaluate(() => globalThis.frond?.node.status())
    throw new Error(`the link is not ${state}: ${JSON.stringify(status)}`, { cause })
  }
}

/** The shown entries, newest first: { text, chip, where }. */
export function shown(page) {
  return page.$$eval('.entry', (items) =>
    items.map((item) => {
      const chip = item.querySelector('.chip')
      return {
        text: item.querySelector('.entry-text').textContent,
        where: chip.dataset.where,
        chip: chip.textContent,
      }
    }),
  )
}

/** Waits until the page shows just so many entries of each kind: { here, hub, other }. */
export async function entryChips(page, { here = 0, hub = 0, other = 0 }, ms = 15_000) {
  const wanted = JSON.stringify({ here, hub, other })
  await eventually(
    `entries ${wanted}`,
    async () => {
      const counts = await page.$$eval('.entry .chip', (chips) => {
        const found = { here: 0, hub: 0, other: 0 }
        for (const chip of chips) ++found[chip.dataset.where]
        return found
      })
      if (JSON.stringify(counts) === wanted) return true
      throw new Error(JSON.stringify(counts))
    },
    ms,
  )
}
