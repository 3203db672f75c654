// Opening a filled store in real Chromium with a profile on disk, by how much is stored: milliseconds until the node is
// open and until a direct get is answered, one random get, and the memory of the browser's processes.
// `npm run bench -- cold_open`, or `node tests/bench/cold_open.bench.mjs [rounds] [messages...]` on a built package.
import { readdirSync, readFileSync } from 'node:fs'
import { newProfile, startChromium } from '../browser/support/chromium.mjs'
import { buildSite, serve } from '../browser/support/site.mjs'

const [rounds = 3, ...given] = process.argv.slice(2).map(Number)
const sizes = given.length > 0 ? given : [1_000, 100_000]
const options = { name: 'bench', worker: 'dedicated' }

/** Proportional set size of all processes below this one, MB. */
function memory() {
  const parents = new Map()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      parents.set(pid, /PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1])
    } catch {
      // It has ended meanwhile.
    }
  }
  const ours = (pid) => pid !== undefined && (pid === `${process.pid}` || ours(parents.get(pid)))
  let kilobytes = 0
  for (const pid of [...parents.keys()].filter((pid) => ours(parents.get(pid)))) {
    try {
      kilobytes += Number(/Pss:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1])
    } catch {
      // The same.
    }
  }
  return kilobytes / 1024
}

/** Flat documents of about 256 bytes under 8 regions, 1,000 at once. */
const fill = ([opening, total]) =>
  (async () => {
    const node = await frond.open(opening)
    const nc = await node.connect()
    const js = jetstream(nc)
    const jsm = await jetstreamManager(nc)
    await jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'], allow_direct: true })
    const body = (id) =>
      JSON.stringify({ id, region: `r${id % 8}`, amount: (id * 7) % 1_000, note: 'x'.repeat(200) })
    for (let done = 0; done < total; done += 1_000) {
      await Promise.all(
        Array.from({ length: 1_000 }, (_, i) =>
          js.publish(`orders.r${i % 8}.${done + i}`, body(done + i), { timeout: 60_000 }),
        ),
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    await node.close()
  })()

const read = ([opening, total]) =>
  (async () => {
    const began = performance.now()
    const node = await frond.open(opening)
    const opened = performance.now() - began
    globalThis.node = node
    const nc = await node.connect()
    const get = async (i) => {
      const subject = `$JS.API.DIRECT.GET.ORDERS.orders.r${(i % 1_000) % 8}.${i}`
      const answer = await nc.request(subject, '', { timeout: 30_000 })
      if (answer.data.length < 200) throw new Error(`${i}: ${answer.string()}`)
    }
    await get(total / 2 + 7)
    const first = performance.now() - began
    await new Promise((resolve) => setTimeout(resolve, 500))
    const times = []
    for (let i = 0; i < 500; ++i) {
      const start = performance.now()
      await get((i * 7_919) % total)
      times.push(performance.now() - start)
    }
    return { opened, first, get: times.sort((a, b) => a - b)[250] }
  })()

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]

async function measure(site, total) {
  const profile = newProfile()
  let browser = await startChromium(profile.path)
  try {
    await (await browser.open(site.url)).evaluate(fill, [options, total])
    const all = []
    for (let round = 0; round < rounds; ++round) {
      await browser.close()
      browser = await startChromium(profile.path)
      const page = await browser.context.newPage()
      await page.goto(site.url)
      await page.waitForFunction(() => globalThis.ready === true)
      const before = memory()
      const took = await page.evaluate(read, [options, total])
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      all.push({ ...took, memory: memory() - before })
      await page.close()
    }
    const of = (key) => median(all.map((one) => one[key])).toFixed(1)
    console.log(
      `${total} messages: open ${of('opened')} ms, first read ${of('first')} ms, ` +
        `random get ${of('get')} ms, memory ${of('memory')} MB`,
    )
  } finally {
    await browser.kill()
    profile.remove()
  }
}

const site = await serve(await buildSite('bench'), { headers: {} })
for (const total of sizes) await measure(site, total)
await site.close()
