// The browser node's figures in real Chromium with a profile on disk: opening a filled store, durable publishes, and
// what an app downloads. `npm run bench browser`, or `node tests/bench/browser.bench.mjs [rounds]` on a built package.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { newProfile, startChromium } from '../browser/support/chromium.mjs'
import { buildSite, serve } from '../browser/support/site.mjs'

const stored = 10_000
const rounds = Number(process.argv[2] ?? 5)
const dist = fileURLToPath(new URL('../../js/dist', import.meta.url))

/** A flat document of about 256 bytes, as in the reference measurements. */
const fill = `(i) => JSON.stringify({ id: i, region: 'r' + (i % 8), amount: i * 7 % 1000, note: 'x'.repeat(200) })`

const open = async (page, options) =>
  page.evaluate(async (given) => {
    const node = await frond.open(given)
    const nc = await node.connect()
    Object.assign(globalThis, { node, nc, js: jetstream(nc), jsm: await jetstreamManager(nc) })
  }, options)

/** Publishes in batches of 1,000 that are all awaited; answers messages a second and the batch's milliseconds. */
const publishBatches = (page, count) =>
  page.evaluate(
    async ([total, source]) => {
      const document = new Function(`return ${source}`)()
      const batches = []
      const began = performance.now()
      for (let done = 0; done < total; done += 1_000) {
        const start = performance.now()
        await Promise.all(
          Array.from({ length: 1_000 }, (_, i) =>
            js.publish(`orders.r${i % 8}.${done + i}`, document(done + i), { timeout: 60_000 }),
          ),
        )
        batches.push(performance.now() - start)
      }
      return { perSecond: (1_000 * total) / (performance.now() - began), batches }
    },
    [count, fill],
  )

const publishOneByOne = (page, count) =>
  page.evaluate(async (total) => {
    const times = []
    for (let i = 0; i < total; ++i) {
      const start = performance.now()
      await js.publish(`orders.r${i % 8}.one-${i}`, 'x'.repeat(256))
      times.push(performance.now() - start)
    }
    return times
  }, count)

/** Milliseconds from the start of the navigation to the answer of a direct get. */
async function navigationToRead(browser, url, options) {
  const page = await browser.context.newPage()
  await page.goto(url)
  await page.waitForFunction(() => globalThis.ready === true)
  const took = await page.evaluate(async (given) => {
    const node = await frond.open(given)
    const opened = performance.now()
    const nc = await node.connect()
    const answer = await nc.request('$JS.API.DIRECT.GET.ORDERS.orders.r7.5007', '', {
      timeout: 30_000,
    })
    if (answer.data.length < 200) throw new Error(answer.string())
    return { read: performance.now(), opened }
  }, options)
  await page.close()
  return took
}

function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]
}

const median = (values) => quantile(values, 0.5)

function shipped() {
  const files = readdirSync(dist).filter(
    (name) => /^(worker|index|shared-.*)\.js$/.test(name) || name === 'frond.wasm',
  )
  return files.map((name) => [name, gzipSync(readFileSync(join(dist, name)), { level: 9 }).length])
}

async function measure(worker) {
  const site = await serve(await buildSite('bench'), { headers: {} })
  const profile = newProfile()
  let browser = await startChromium(profile.path)
  const options = { name: 'bench', worker }
  try {
    let page = await browser.open(site.url)
    await open(page, options)
    await page.evaluate(() =>
      jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'], allow_direct: true }),
    )
    const bulk = await publishBatches(page, stored)
    const reads = []
    for (let round = 0; round < rounds; ++round) {
      await browser.close()
      browser = await startChromium(profile.path)
      reads.push(await navigationToRead(browser, site.url, options))
    }
    page = await browser.open(site.url)
    await open(page, options)
    const single = await publishOneByOne(page, 1_000)
    await page.evaluate(() => node.close())
    return { bulk, reads, single }
  } finally {
    await browser.kill()
    profile.remove()
    await site.close()
  }
}

const ms = (value) => `${value.toFixed(2)} ms`
const rows = []
for (const worker of ['shared', 'dedicated']) {
  const { bulk, reads, single } = await measure(worker)
  rows.push(
    [
      worker,
      `navigation to first read of ${stored} stored, median of ${rounds}`,
      ms(median(reads.map((r) => r.read))),
    ],
    [worker, '  of which until the node was open', ms(median(reads.map((r) => r.opened)))],
    [
      worker,
      'durable publishes a second, 1,000 at once',
      Math.round(bulk.perSecond).toLocaleString('en'),
    ],
    [worker, '1,000 at once, median', ms(median(bulk.batches))],
    [worker, 'one awaited durable publish, p50', ms(median(single))],
    [worker, 'one awaited durable publish, p99', ms(quantile(single, 0.99))],
  )
}
const files = shipped()
for (const [name, bytes] of files)
  rows.push(['', `gzip ${name}`, `${(bytes / 1024).toFixed(1)} KB`])
const total = files.reduce((sum, [, bytes]) => sum + bytes, 0)
rows.push(['', 'gzip Wasm + JS, the page side without nats.js', `${(total / 1024).toFixed(1)} KB`])

for (const [worker, what, value] of rows) {
  console.log(`${worker.padEnd(9)}  ${what.padEnd(52)}  ${value.padStart(12)}`)
}
