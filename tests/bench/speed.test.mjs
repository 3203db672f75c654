// The speed budget (speed_budget.json): ratios of one run, so that a slow machine is slow for both sides. The server's
// are to a stock nats-server under the same clients, each with its own policy of forcing to the disk; the tunnel's show
// that a queue goes up by what the way to the hub carries and not by round trips; the page's are to bare IndexedDB in
// the same page: one put in one transaction, and a thousand of them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { newProfile, startChromium } from '../browser/support/chromium.mjs'
import { buildSite, serve } from '../browser/support/site.mjs'
import { frondServer, measure, startServer, stockServer } from './support/contest.mjs'
import { contestants, drain } from './support/drain.mjs'
import { growth, growthRatios } from './support/growth.mjs'

const budget = JSON.parse(readFileSync(new URL('speed_budget.json', import.meta.url), 'utf8'))
const rounds = 3

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

/** Fails with every ratio that is out of its bounds, and with those that have none. */
function check(t, bounds, ratios) {
  const wrong = []
  for (const [name, ratio] of Object.entries(ratios)) {
    const { atLeast = 0, atMost = Number.POSITIVE_INFINITY } = bounds[name] ?? { atMost: -1 }
    t.diagnostic(`${name}: ratio ${ratio.toFixed(2)}`)
    if (!(ratio >= atLeast && ratio <= atMost))
      wrong.push(
        `${name}: ratio ${ratio.toFixed(2)}, the budget is ${JSON.stringify(bounds[name])}`,
      )
  }
  assert.deepEqual(Object.keys(ratios).sort(), Object.keys(bounds).sort())
  assert.deepEqual(wrong, [])
}

const cases = {
  'core raw 128 B, messages a second': {
    roles: ['rawSubscriber', 'rawPublisher'],
    bytes: 128,
    count: 1_000_000,
  },
  'request-reply p50': { roles: ['requests'], bytes: 16, count: 3_000, field: 'microseconds' },
  'stream publish async 128 B, messages a second': {
    roles: ['streamAsync'],
    bytes: 128,
    count: 20_000,
  },
  'consume explicit ack, messages a second': { roles: ['consumeAcked'], bytes: 128, count: 20_000 },
}

test('frond-server beside a stock nats-server', async (t) => {
  const figures = { frond: {}, nats: {} }
  for (let round = 0; round < rounds; ++round) {
    const contestants = [
      ['frond', { binary: frondServer, sync: 'always' }],
      ['nats', { binary: stockServer(), sync: '2m' }],
    ]
    for (const [name, how] of round % 2 === 0 ? contestants : contestants.reverse()) {
      const server = await startServer(how)
      try {
        for (const [what, one] of Object.entries(cases)) {
          figures[name][what] ??= []
          figures[name][what].push(await measure(server.port, one))
        }
      } finally {
        await server.stop()
      }
    }
  }
  const ratios = Object.keys(cases).map((what) => [
    what,
    median(figures.frond[what]) / median(figures.nats[what]),
  ])
  check(t, budget.server, Object.fromEntries(ratios))
})

test('what a store of 100,000 messages costs beside one of 1,000', (t) => {
  check(t, budget.growth, growthRatios(growth(100_000), 100_000))
})

test('out of the tunnel', async (t) => {
  const cases = {
    near: { count: 10_000 },
    far: { count: 10_000, roundTrip: 100 },
    few: { count: 1_000, roundTrip: 100 },
  }
  const took = { near: [], far: [], few: [] }
  for (let round = 0; round < rounds; ++round) {
    for (const [name, one] of Object.entries(cases)) {
      took[name].push((await drain(contestants['frond-server'](frondServer), one)).drain)
    }
  }
  check(t, budget.tunnel, {
    '10,000 messages, 100 ms away beside none': median(took.far) / median(took.near),
    '100 ms away, 10,000 messages beside 1,000': median(took.far) / median(took.few),
  })
})

/** In the page, turn by turn: an awaited publish and a bare put; then a thousand of each at once. */
async function measureInPage() {
  const node = await frond.open({ name: 'speed' })
  const nc = await node.connect()
  const js = jetstream(nc)
  await (await jetstreamManager(nc)).streams.add({ name: 'S', subjects: ['s.>'] })
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open('bare', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('kept')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const put = (key, value) =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction('kept', 'readwrite', { durability: 'relaxed' })
      transaction.objectStore('kept').put(value, key)
      transaction.oncomplete = resolve
      transaction.onabort = () => reject(transaction.error)
    })
  const body = 'x'.repeat(256)
  const timed = async (work) => {
    const from = performance.now()
    await work()
    return performance.now() - from
  }
  const one = { publish: [], put: [] }
  for (let i = 0; i < 300; ++i) {
    one.publish.push(await timed(() => js.publish(`s.${i}`, body)))
    one.put.push(await timed(() => put(i, { subject: `s.${i}`, body })))
  }
  const thousand = { publish: [], put: [] }
  const all = (work) => timed(() => Promise.all(Array.from({ length: 1_000 }, (_, i) => work(i))))
  for (let round = 0; round < 5; ++round) {
    thousand.publish.push(await all((i) => js.publish(`s.${i}`, body, { timeout: 60_000 })))
    thousand.put.push(await all((i) => put(`${round}.${i}`, { subject: `s.${i}`, body })))
  }
  await node.close()
  return { one, thousand }
}

test('a page beside bare IndexedDB', async (t) => {
  const site = await serve(await buildSite('speed'), { headers: {} })
  const profile = newProfile()
  const browser = await startChromium(profile.path)
  t.after(async () => {
    await browser.kill()
    profile.remove()
    await site.close()
  })
  const page = await browser.open(site.url)
  const { one, thousand } = await page.evaluate(measureInPage)
  check(t, budget.page, {
    'an awaited durable publish p50': median(one.publish) / median(one.put),
    '1,000 durable publishes at once': median(thousand.publish) / median(thousand.put),
  })
})
