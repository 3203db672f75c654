// Publishes that come faster than the disk takes them wait at the page, and not in the engine's memory.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { DirectoryStorage } from 'frond/internal'
import { openCustom } from './support/custom_node.mjs'

const mebibyte = 1_048_576

test('100 MB are offered to a slow disk: what waits stays small, everything acknowledged is there', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'frond-slow-'))
  t.after(() => rm(directory, { recursive: true }))
  const disk = await DirectoryStorage.open('slow', directory)
  let largest = 0
  const storage = Object.assign(Object.create(disk), {
    async commit(operations) {
      let bytes = 0
      for (const operation of operations) bytes += operation.contents?.length ?? 0
      largest = Math.max(largest, bytes)
      await sleep((bytes / (20 * mebibyte)) * 1000)
      return disk.commit(operations)
    },
  })
  const { node, heapBytes } = await openCustom({ name: 'slow', storage })
  t.after(() => node.close())
  const nc = await node.connect()
  const listener = await node.connect()
  const js = jetstream(nc, { timeout: 60_000 })
  await (await jetstreamManager(nc)).streams.add({ name: 'S', subjects: ['s'] })
  const before = heapBytes()
  const payload = new Uint8Array(131_072)
  const acks = []
  for (let i = 0; i < 800; ++i) acks.push(js.publish('s', payload))
  // Who only listens or asks is served all the while.
  const asked = Date.now()
  await listener.flush()
  assert.ok(Date.now() - asked < 2_000)
  const sequences = (await Promise.all(acks)).map((ack) => ack.seq)
  assert.deepEqual(
    sequences,
    sequences.map((_, i) => i + 1),
  )
  const info = await (await jetstreamManager(listener)).streams.info('S')
  assert.equal(info.state.messages, 800)
  assert.ok(largest < 20 * mebibyte, `a commit of ${largest} bytes`)
  assert.ok(heapBytes() - before < 96 * mebibyte, `the heap grew by ${heapBytes() - before} bytes`)
})
