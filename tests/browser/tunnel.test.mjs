// The acceptance: a page that writes in a tunnel loses nothing, whatever dies there, and its hub, a stock
// nats-server, ends with every message once and in order.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { eventually } from '../interop/eventually.mjs'
import { frond, stock } from '../interop/server.mjs'
import { Demo, entryChips, shown, waitForLink, write } from './support/demo.mjs'

const arriveMillisMax = 60_000
const idHeader = 'Nats-Msg-Id'

/** A stock client at the hub, closed with the test. */
async function stockClient(t, hub) {
  const nc = await connect({ servers: hub.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  t.after(() => nc.close())
  return { nc, js: jetstream(nc), jsm: await jetstreamManager(nc) }
}

/** Every message of the hub's stream as its consumer gives them: { seq, subject, text, id }. */
async function readHub({ js, jsm }) {
  const { state } = await jsm.streams.info('NOTES')
  const consumer = await js.consumers.get('NOTES')
  const messages = await consumer.fetch({ max_messages: state.messages, expires: 10_000 })
  const read = []
  for await (const message of messages) {
    const { text } = message.json()
    read.push({
      seq: message.seq,
      subject: message.subject,
      text,
      id: message.headers?.get(idHeader),
    })
  }
  assert.equal(read.length, state.messages)
  return read
}

function checkOnceAndInOrder(read, device, texts) {
  const mine = read.filter(({ subject }) => subject.startsWith(`notes.${device}.`))
  assert.deepEqual(
    mine.map(({ text }) => text),
    texts,
  )
  const ids = mine.map(({ id }) => id)
  assert.ok(
    ids.every((id) => id),
    'each forwarded message carries its id',
  )
  assert.equal(new Set(ids).size, texts.length)
  assert.equal(new Set(mine.map(({ subject }) => subject)).size, texts.length)
}

async function publishAtHub({ js }, device, id, text) {
  const body = JSON.stringify({ text, written: new Date().toISOString() })
  const ack = await js.publish(`notes.${device}.${id}`, body)
  assert.equal(ack.stream, 'NOTES')
}

/** What the official client in the page answers about one stream: each subject by its key, and all under a prefix. */
function readInPage(page, stream, prefix) {
  return page.evaluate(
    async ([stream, prefix]) => {
      const { js, jsm } = globalThis.frond
      const byPrefix = []
      const { num_pending } = await (
        await js.consumers.get(stream, { filter_subjects: prefix })
      ).info(true)
      if (num_pending > 0) {
        const consumer = await js.consumers.get(stream, { filter_subjects: prefix })
        const messages = await consumer.fetch({ max_messages: num_pending, expires: 5_000 })
        for await (const m of messages) byPrefix.push({ subject: m.subject, text: m.json().text })
      }
      const byKey = []
      for (const { subject } of byPrefix) {
        const message = await jsm.direct.getMessage(stream, { last_by_subj: subject })
        byKey.push({ subject: message.subject, text: message.json().text })
      }
      const inBatch = []
      const batch = await jsm.direct.getLastMessagesFor(stream, { multi_last: [prefix] })
      for await (const m of batch) inBatch.push({ subject: m.subject, text: m.json().text })
      return { byPrefix, byKey, inBatch }
    },
    [stream, prefix],
  )
}

async function checkReadable(page, stream, prefix, texts) {
  const { byPrefix, byKey, inBatch } = await readInPage(page, stream, prefix)
  assert.deepEqual(
    byPrefix.map(({ text }) => text),
    texts,
  )
  assert.deepEqual(byKey, byPrefix)
  assert.deepEqual(inBatch, byPrefix)
}

const deviceOf = (page) => page.evaluate(() => globalThis.frond.node.name)
const numbered = (word, count) => Array.from({ length: count }, (_, i) => `${word} ${i + 1}`)

const hubs = [
  ['nats-server 2.15', () => stock('2.15')],
  ['nats-server 2.10', () => stock('2.10')],
  ['frond-server', () => frond],
]
for (const [name, binary] of hubs) {
  test(`a tunnel: written offline, closed, killed, read, and all at ${name} once and in order`, async (t) => {
    const demo = await Demo.start(t, { hub: binary() })
    const hub = await stockClient(t, demo.hub)
    const page = await demo.open()
    await waitForLink(page, 'online')
    await eventually('the hub stream', () => hub.jsm.streams.info('NOTES'))
    const before = numbered('before the tunnel', 2)
    for (const text of before) await write(page, text)
    await publishAtHub(hub, 'laptop', 'a', 'from a laptop')
    await entryChips(page, { hub: 2, other: 1 })
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))

    await page.click('.switch')
    await waitForLink(page, 'paused')
    demo.relay.cut()
    const inside = numbered('in the tunnel', 12)
    for (const text of inside) await write(page, text)
    await entryChips(page, { hub: 2, here: 12, other: 1 })
    await publishAtHub(hub, 'laptop', 'b', 'meanwhile outside')
    const device = await deviceOf(page)
    await page.close()
    await demo.crash()
    demo.stopSite()

    const again = await demo.open()
    assert.equal(await deviceOf(again), device)
    const own = [...before, ...inside]
    await entryChips(again, { hub: 2, here: 12, other: 1 })
    const texts = (await shown(again)).map((entry) => entry.text)
    assert.deepEqual(texts, [...inside].reverse().concat('from a laptop', [...before].reverse()))
    assert.notEqual(await again.getAttribute('#link-state', 'data-state'), 'online')
    await checkReadable(again, 'NOTES_HERE', `notes.${device}.>`, own)
    await checkReadable(again, 'NOTES_HUB', `notes.${device}.>`, before)
    await checkReadable(again, 'NOTES_HUB', 'notes.laptop.>', ['from a laptop'])
    assert.equal((await hub.jsm.streams.info('NOTES')).state.messages, before.length + 2)

    demo.relay.restore()
    await waitForLink(again, 'online')
    await entryChips(again, { hub: own.length, other: 2 }, arriveMillisMax)
    assert.ok((await shown(again)).some(({ text }) => text === 'meanwhile outside'))
    await checkReadable(again, 'NOTES_HUB', 'notes.laptop.>', [
      'from a laptop',
      'meanwhile outside',
    ])
    const read = await readHub(hub)
    assert.equal(read.length, own.length + 2)
    checkOnceAndInOrder(read, device, own)
    assert.deepEqual(demo.problems, [])
  })

  test(`300 entries, killed while they go up, the hub killed, its duplicate window over: once at ${name}`, async (t) => {
    const demo = await Demo.start(t, { hub: binary() })
    const hub = await stockClient(t, demo.hub)
    const second = 1_000_000_000
    await hub.jsm.streams.add({ name: 'NOTES', subjects: ['notes.>'], duplicate_window: second })
    const page = await demo.open()
    await waitForLink(page, 'online')
    const device = await deviceOf(page)
    await page.click('.switch')
    await waitForLink(page, 'paused')
    demo.relay.cut()
    // So long, and so random, that they do not go up in one compressed frame.
    const texts = numbered('entry', 300).map(
      (text) => `${text} ${randomBytes(1_100).toString('base64')}`,
    )
    await page.evaluate(
      (texts) => Promise.all(texts.map((text) => globalThis.frond.notebook.write(text))),
      texts,
    )
    await demo.crash()
    const again = await demo.open()
    await entryChips(again, { here: 300 })

    // The wire breaks in the middle; how much of it the hub had read by then, and which acknowledgements were under
    // way, differs from run to run.
    const broken = demo.relay.cutAfter(160_000)
    demo.relay.restore()
    await broken
    await demo.crash()
    const halfway = (await hub.jsm.streams.info('NOTES')).state.messages
    t.diagnostic(`${halfway} of 300 were at the hub when it was killed`)
    assert.ok(halfway > 0 && halfway < 300, `${halfway} of 300 were at the hub`)
    await demo.hub.kill()
    await demo.hub.start()
    await eventually('the hub is back', () => hub.jsm.streams.info('NOTES'))
    await sleep(1_500)

    demo.relay.restore()
    const last = await demo.open()
    await entryChips(last, { hub: 300 }, arriveMillisMax)
    const read = await readHub(hub)
    assert.equal(read.length, 300)
    checkOnceAndInOrder(read, device, texts)
    assert.deepEqual(demo.problems, [])
  })
}
