// node.query() and $FROND.QUERY through the Wasm node in Node.js.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { open } from 'frond'
import { z } from 'zod'
import { openCustom } from './support/custom_node.mjs'

async function shop(t) {
  const node = await open({ storage: 'memory' })
  t.after(() => node.close())
  const nc = await node.connect()
  const bucket = await new Kvm(jetstream(nc)).create('shop')
  for (const [key, price, tags] of [
    ['tea', 3.5, ['hot']],
    ['milk', 1.2, ['cold', 'white']],
    ['coffee', 4, ['hot']],
    ['gone', 1, []],
  ])
    await bucket.put(key, JSON.stringify({ price, tags }))
  await bucket.delete('gone')
  return { node, nc, bucket }
}

const keys = ({ rows }) => rows.map(({ subject }) => subject.split('.').at(-1))

test('documents are found, sorted, paged, counted and grouped', async (t) => {
  const { node, bucket } = await shop(t)
  assert.deepEqual(keys(await node.query('KV_shop')), ['tea', 'milk', 'coffee'])
  const selector = { price: { $gt: 2 } }
  const found = await node.query('KV_shop', { selector, sort: [{ price: 'desc' }] })
  assert.deepEqual(keys(found), ['coffee', 'tea'])
  assert.deepEqual(found.rows[0].doc, { price: 4, tags: ['hot'] })
  assert.equal(found.index, null)
  assert.equal(found.scanned, 3)
  const first = await node.query('KV_shop', { sort: ['price'], limit: 2 })
  const { bookmark } = first
  const second = await node.query('KV_shop', { sort: ['price'], limit: 2, bookmark })
  assert.deepEqual([...keys(first), ...keys(second)], ['milk', 'tea', 'coffee'])
  assert.deepEqual(keys(await node.query('KV_shop', { sort: ['price'], limit: 0 })), [])
  assert.equal((await node.query('KV_shop', { selector, count: true })).count, 2)
  const { groups } = await node.query('KV_shop', { group: { by: ['tags.0'], sum: ['price'] } })
  assert.deepEqual(groups, [
    { key: ['cold'], count: 1, sum: { price: 1.2 } },
    { key: ['hot'], count: 2, sum: { price: 7.5 } },
  ])
  await bucket.put('tea', JSON.stringify({ price: 1 }))
  assert.deepEqual(keys(await node.query('KV_shop', { selector })), ['coffee'])
})

test('a query that is none is refused with its code', async (t) => {
  const { node } = await shop(t)
  await assert.rejects(node.query('KV_shop', { selector: { a: { $foo: 1 } } }), {
    name: 'RequestError',
    message: 'invalid query: unknown operator "$foo"',
    code: 20002,
  })
  await assert.rejects(node.query('NONE'), { name: 'RequestError', code: 10059 })
  await assert.rejects(node.query('KV_shop', { signal: AbortSignal.abort() }), {
    name: 'AbortError',
  })
})

test('what JSON would change is refused, not another query; so are names of no stream', async (t) => {
  const { node } = await shop(t)
  const lost = [{ price: undefined }, { price: { $gt: Number.NaN } }, { name: { $regex: /x/ } }]
  for (const selector of lost) {
    const refused = { name: 'RequestError', message: /^selector: .* is nothing that JSON has/ }
    await assert.rejects(node.query('KV_shop', { selector }), refused)
    await assert.rejects(node.live('KV_shop', { selector })[Symbol.asyncIterator]().next(), refused)
  }
  for (const options of [{ upTo: 'x' }, { upTo: 1.5 }, { live: true }])
    await assert.rejects(node.query('KV_shop', options), { name: 'RequestError' })
  for (const name of ['', 'a.b', '>', 'a b', undefined]) {
    await assert.rejects(node.query(name), { message: /is no name of a stream/ })
    await assert.rejects(node.sync(name), { message: /is no name of a stream/ })
  }
  await node.close()
  await assert.rejects(node.query('KV_shop'), { name: 'NodeClosedError' })
  await assert.rejects(node.sync('KV_shop'), { name: 'NodeClosedError' })
})

test('a schema makes of each document what it makes; one that is not of it ends the query', async (t) => {
  const { node, bucket } = await shop(t)
  const schema = z.object({ price: z.number().transform((price) => price * 100) })
  const found = await node.query('KV_shop', { schema, sort: ['price'] })
  assert.deepEqual(
    found.rows.map(({ doc }) => doc),
    [{ price: 120 }, { price: 350 }, { price: 400 }],
  )
  const live = node.live('KV_shop', { schema })[Symbol.asyncIterator]()
  assert.equal((await live.next()).value.rows.get('$KV.shop.tea').doc.price, 350)
  await bucket.put('odd', '{"price":"much"}')
  const refused = {
    name: 'RequestError',
    message: /^\$KV\.shop\.odd, sequence 6, is not of the schema: price: /,
  }
  await assert.rejects(live.next(), refused)
  await assert.rejects(node.query('KV_shop', { schema }), refused)
  const asked = await node.query('KV_shop', { schema, group: { by: ['price'] } })
  assert.equal(asked.groups.length, 4)
  const later = z.object({ price: z.any().refine(async () => true) })
  assert.equal((await node.query('KV_shop', { schema: later })).rows.length, 4)
  await assert.rejects(node.live('KV_shop', { schema: later })[Symbol.asyncIterator]().next(), {
    message: /^schema: is one that answers later/,
  })
})

test('a large answer comes in messages, an index spares the looking', async (t) => {
  const { node, nc } = await shop(t)
  const jsm = await jetstreamManager(nc)
  const config = { name: 'DOCS', subjects: ['docs.>'], storage: 'memory' }
  await jsm.streams.add(config)
  const count = 5000
  for (let i = 0; i < count; ++i) {
    nc.publish(`docs.${i}`, JSON.stringify({ i, mod: i % 100, text: 'x'.repeat(100) }))
  }
  await nc.flush()
  const all = await node.query('DOCS')
  assert.deepEqual(
    all.rows.map(({ doc }) => doc.i),
    Array.from({ length: count }, (_, i) => i),
  )
  const selector = { mod: 7, i: { $lt: 1000 } }
  const plain = await node.query('DOCS', { selector })
  assert.deepEqual([plain.rows.length, plain.scanned, plain.index], [10, count, null])
  await jsm.streams.update('DOCS', { metadata: { 'frond.index': 'mod,i' } })
  const indexed = await node.query('DOCS', { selector })
  assert.deepEqual([indexed.rows, indexed.scanned, indexed.index], [plain.rows, 10, 'mod,i'])
})

test('a live query tells the rows, then what changes of them', async (t) => {
  const { node, bucket } = await shop(t)
  const live = node.live('KV_shop', { selector: { price: { $gt: 2 } }, fields: ['price'] })
  const told = []
  for await (const { rows, changes } of live) {
    told.push([...rows.values()].map(({ doc }) => doc.price))
    if (told.length === 1) {
      assert.deepEqual(
        changes.map(({ op }) => op),
        ['added', 'added'],
      )
      await bucket.put('milk', '{"price":5}')
    } else if (told.length === 2) {
      assert.deepEqual(
        changes.map(({ op, subject, doc }) => [op, subject, doc]),
        [['added', '$KV.shop.milk', { price: 5 }]],
      )
      await bucket.delete('tea')
    } else {
      assert.deepEqual(
        changes.map(({ op, doc }) => [op, doc]),
        [['removed', { price: 3.5 }]],
      )
      break
    }
  }
  assert.deepEqual(told, [
    [3.5, 4],
    [3.5, 4, 5],
    [4, 5],
  ])
})

test('a live query ends with its stream, its signal and its reader', async (t) => {
  const { node, nc } = await shop(t)
  const ended = new Promise((_, reject) => node.live('KV_shop').subscribe(() => undefined, reject))
  const signal = AbortSignal.timeout(50)
  const wait = async () => {
    for await (const _ of node.live('KV_shop', { signal }));
  }
  await assert.rejects(wait(), { name: 'TimeoutError' })
  const stop = node.live('KV_shop').subscribe(() => undefined, assert.fail)
  stop()
  await (await jetstreamManager(nc)).streams.delete('KV_shop')
  await nc.publish('$KV.shop.x', '{}')
  await assert.rejects(ended, { name: 'RequestError', code: 10059 })
})

test('queries and live queries go on when the engine is started anew', async (t) => {
  const { node, traps } = await openCustom()
  t.after(() => node.close())
  const nc = await node.connect()
  const bucket = await new Kvm(jetstream(nc)).create('b')
  for (let i = 0; i < 3000; ++i) void bucket.put(`k${i}`, JSON.stringify({ i }))
  await bucket.put('a', '{"i":-1}')
  await bucket.put('b', '{"i":-2}')
  const live = node.live('KV_b', { selector: { i: { $lt: 0 } } })[Symbol.asyncIterator]()
  const next = async () => [...(await live.next()).value.rows.values()].map(({ doc }) => doc.i)
  assert.deepEqual(await next(), [-1, -2])
  const asked = node.query('KV_b', { selector: { i: { $gte: 0 } } })
  const restarted = (async () => {
    for await (const { type } of node.events()) if (type === 'restart') return
  })()
  traps.next = true
  nc.publish('anything')
  await restarted
  assert.equal((await asked).rows.length, 3000)
  assert.deepEqual(await next(), [-1, -2])
  await bucket.delete('a')
  assert.deepEqual(await next(), [-2])
  await bucket.put('c', '{"i":-3}')
  assert.deepEqual(await next(), [-2, -3])
})
