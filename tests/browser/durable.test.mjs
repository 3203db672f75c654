// What a page was told is stored survives the death of the browser, in real Chromium with a profile on disk.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newProfile, startChromium } from './support/chromium.mjs'
import { buildSite, serve } from './support/site.mjs'

let site
before(async () => {
  site = await serve(await buildSite())
})
after(() => site.close())

async function browserFor(t) {
  const profile = newProfile()
  const started = { current: await startChromium(profile.path) }
  t.after(async () => {
    await started.current.kill()
    profile.remove()
  })
  return {
    open: () => started.current.open(site.url),
    async crash() {
      await started.current.kill()
      started.current = await startChromium(profile.path)
    },
  }
}

/** Opens the node in the page and connects; leaves `node`, `nc`, `js`, `jsm` on its global object. */
async function openNode(page, options = {}) {
  return page.evaluate(async (given) => {
    const node = await frond.open(given)
    const nc = await node.connect()
    Object.assign(globalThis, { node, nc, js: jetstream(nc), jsm: await jetstreamManager(nc) })
    return node.status()
  }, options)
}

for (const worker of ['shared', 'dedicated']) {
  test(`acknowledged messages, ids and buckets survive kill -9 of the browser (${worker} worker)`, async (t) => {
    const browser = await browserFor(t)
    const page = await browser.open()
    const status = await openNode(page, { worker })
    assert.equal(status.storage.kind, 'indexeddb')
    assert.equal(status.storage.persistent, true)
    assert.equal(status.owner, worker === 'shared' ? 'shared-worker' : 'worker')
    const seqs = await page.evaluate(async () => {
      await jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'] })
      const publish = (i) => js.publish(`orders.${i % 8}`, `order ${i}`, { msgID: `id-${i}` })
      const acks = await Promise.all(Array.from({ length: 500 }, (_, i) => publish(i)))
      for (let i = 500; i < 520; ++i) acks.push(await publish(i))
      await (await new Kvm(nc).create('bucket')).put('key', 'value')
      return acks.map((ack) => ack.seq)
    })
    assert.equal(new Set(seqs).size, 520)
    await browser.crash()
    const again = await browser.open()
    const second = await openNode(again, { worker })
    assert.equal(second.name, status.name)
    const found = await again.evaluate(async () => {
      const stored = []
      const { state } = await jsm.streams.info('ORDERS')
      for (let seq = state.first_seq; seq <= state.last_seq; ++seq) {
        stored.push((await jsm.streams.getMessage('ORDERS', { seq })).string())
      }
      const bucket = await new Kvm(nc).open('bucket')
      return {
        stored,
        duplicate: (await js.publish('orders.0', 'x', { msgID: 'id-519' })).duplicate,
        value: (await bucket.get('key')).string(),
        next: (await js.publish('orders.0', 'new')).seq,
      }
    })
    assert.equal(found.stored.length, 520)
    const index = new Map(seqs.map((seq, i) => [seq, `order ${i}`]))
    found.stored.forEach((text, i) => {
      assert.equal(text, index.get(i + 1))
    })
    assert.equal(found.duplicate, true)
    assert.equal(found.value, 'value')
    assert.equal(found.next, 521)
    assert.deepEqual(again.problems, [])
  })
}

test('killed in the midst of publishing: all that was acknowledged is there, in order, without a hole', async (t) => {
  const browser = await browserFor(t)
  const page = await browser.open()
  await openNode(page)
  const acknowledged = []
  await page.exposeFunction('report', (seqs) => acknowledged.push(...seqs))
  await page.evaluate(async () => {
    await jsm.streams.add({ name: 'S', subjects: ['s'] })
    globalThis.publishing = (async () => {
      for (let round = 0; ; ++round) {
        const acks = await Promise.all(
          Array.from({ length: 20 }, (_, i) => js.publish('s', `${round * 20 + i + 1}`)),
        )
        await report(acks.map((ack) => ack.seq))
      }
    })()
  })
  while (acknowledged.length < 400) await new Promise((resolve) => setTimeout(resolve, 10))
  await browser.crash()
  const last = Math.max(...acknowledged)
  const again = await browser.open()
  await openNode(again)
  const { state, wrong } = await again.evaluate(async () => {
    const { state } = await jsm.streams.info('S')
    const wrong = []
    for (let seq = 1; seq <= state.last_seq; ++seq) {
      const message = await jsm.streams.getMessage('S', { seq })
      if (message?.string() !== `${seq}`) wrong.push(seq)
    }
    return { state, wrong }
  })
  assert.ok(state.last_seq >= last, `${state.last_seq} stored, ${last} acknowledged`)
  assert.equal(state.first_seq, 1)
  assert.equal(state.messages, state.last_seq)
  assert.deepEqual(wrong, [])
})
