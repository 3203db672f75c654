// frond/tanstack-db: a bucket as a collection of TanStack DB, through the Wasm node in Node.js.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jetstream } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { createCollection, createLiveQueryCollection, eq } from '@tanstack/db'
import { open } from 'frond'
import { frondCollectionOptions, PublishError } from 'frond/tanstack-db'
import { z } from 'zod'
import { eventually } from '../interop/eventually.mjs'
import { openCustom } from './support/custom_node.mjs'

const getKey = (task) => task.id

async function tasks(t, { given, ...options } = {}) {
  const node = given ?? (await open({ storage: 'memory' }))
  const bucket = await new Kvm(jetstream(await node.connect())).create('tasks')
  const config = { node, bucket: 'tasks', getKey, ...options }
  const collection = createCollection(frondCollectionOptions(config))
  t.after(async () => {
    await collection.cleanup()
    await node.close()
  })
  const has = (...titles) =>
    eventually(
      `${titles}`,
      () => collection.toArray.map(({ title }) => title).join() === titles.join(),
    )
  return { node, bucket, collection, has }
}

const put = (bucket, id, title, done = false) => bucket.put(id, JSON.stringify({ id, title, done }))

test('what is in the bucket is in the collection, and what changes there by anybody', async (t) => {
  const { bucket, collection, has } = await tasks(t)
  await put(bucket, 'a', 'tea')
  await put(bucket, 'b', 'milk')
  await bucket.put('other', '{"id":"another key"}')
  await bucket.put('text', 'no JSON')
  await bucket.put('number', '5')
  await collection.preload()
  await has('tea', 'milk')
  await put(bucket, 'a', 'green tea')
  await put(bucket, 'c', 'bread')
  await bucket.delete('b')
  await has('green tea', 'bread')
})

test('changes are shown at once, stored, and never shown as they were before', async (t) => {
  const { bucket, collection, has } = await tasks(t)
  await collection.preload()
  const seen = []
  collection.subscribeChanges((changes) => {
    for (const { type, value } of changes) {
      const what = type === 'delete' ? 'gone' : value.title
      if (seen.at(-1) !== what) seen.push(what)
    }
  })
  const inserted = collection.insert({ id: 'a', title: 'tea', done: false })
  assert.equal(collection.get('a').title, 'tea')
  await inserted.isPersisted.promise
  assert.deepEqual((await bucket.get('a')).json(), { id: 'a', title: 'tea', done: false })
  const updates = ['green', 'black', 'white'].map((title) =>
    collection.update('a', (draft) => {
      draft.title = title
    }),
  )
  for (const { isPersisted } of updates) await isPersisted.promise
  assert.equal((await bucket.get('a')).json().title, 'white')
  await collection.delete('a').isPersisted.promise
  assert.equal((await bucket.get('a')).operation, 'DEL')
  await has()
  assert.deepEqual(seen, ['tea', 'green', 'black', 'white', 'gone'])
})

test('what the node refuses is taken back', async (t) => {
  const { bucket, collection, has } = await tasks(t)
  await put(bucket, 'a', 'tea')
  await collection.preload()
  const refused = async (change) => {
    const transaction = change()
    await assert.rejects(transaction.isPersisted.promise, PublishError)
  }
  await refused(() => collection.insert({ id: 'a key', title: 'x' }))
  await refused(() => collection.insert({ id: 'a.*', title: 'x' }))
  await bucket.destroy()
  await refused(() => collection.insert({ id: 'b', title: 'x' }))
  assert.equal(collection.has('b'), false)
  await has()
})

test('a selector: rows come in and go out as they match; a change out of it settles too', async (t) => {
  const { bucket, collection, has } = await tasks(t, { selector: { done: false } })
  await put(bucket, 'a', 'tea')
  await put(bucket, 'b', 'milk', true)
  await collection.preload()
  await has('tea')
  const finished = collection.update('a', (draft) => {
    draft.done = true
  })
  await finished.isPersisted.promise
  await has()
  await collection.insert({ id: 'c', title: 'done already', done: true }).isPersisted.promise
  await has()
  await put(bucket, 'b', 'milk')
  await has('milk')
})

test('a schema checks what the app changes', async (t) => {
  const schema = z.object({
    id: z.string(),
    title: z.string().min(1),
    done: z.boolean().default(false),
  })
  const { bucket, collection } = await tasks(t, { schema })
  await collection.preload()
  assert.throws(() => collection.insert({ id: 'a', title: '' }), /title/)
  await collection.insert({ id: 'a', title: 'tea' }).isPersisted.promise
  assert.equal((await bucket.get('a')).json().done, false)
})

test('joins are those of TanStack DB', async (t) => {
  const { node, bucket, collection } = await tasks(t)
  const people = await new Kvm(jetstream(await node.connect())).create('people')
  await people.put('ann', JSON.stringify({ id: 'ann', name: 'Ann' }))
  await bucket.put('a', JSON.stringify({ id: 'a', title: 'tea', who: 'ann' }))
  const named = createCollection(frondCollectionOptions({ node, bucket: 'people', getKey }))
  const joined = createLiveQueryCollection({
    query: (q) =>
      q
        .from({ task: collection })
        .join({ person: named }, ({ task, person }) => eq(task.who, person.id))
        .select(({ task, person }) => ({ title: task.title, name: person?.name })),
  })
  await joined.preload()
  assert.equal(joined.toArray[0].name, 'Ann')
  await people.put('ann', JSON.stringify({ id: 'ann', name: 'Anna' }))
  await eventually('the change', () => joined.toArray[0]?.name === 'Anna')
  await joined.cleanup()
  await named.cleanup()
})

test('it goes on after a restart of the engine, without what went meanwhile', async (t) => {
  const { node, traps } = await openCustom()
  const { bucket, collection, has } = await tasks(t, { given: node })
  await put(bucket, 'a', 'tea')
  await collection.preload()
  await has('tea')
  traps.next = true
  void bucket.delete('a').catch(() => undefined)
  await eventually('the restart', async () => (await node.status()).restarts === 1)
  // What is asked while the connection comes back is lost.
  await eventually('the removal', () => bucket.delete('a').then(() => true))
  await put(bucket, 'b', 'milk')
  await has('milk')
  await collection.insert({ id: 'c', title: 'bread' }).isPersisted.promise
  await has('milk', 'bread')
})

test('a bucket that is not there makes the collection an error', async (t) => {
  const node = await open({ storage: 'memory' })
  t.after(() => node.close())
  const collection = createCollection(frondCollectionOptions({ node, bucket: 'none', getKey }))
  await assert.rejects(collection.preload(), /stream not found/)
})
