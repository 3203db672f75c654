// When the pages are told how their synced streams stand: once for a burst, and on, after the engine was made anew.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { SyncWatch, syncEventMillis } from 'frond/internal'

test('a burst is one event, what has not changed is none, and a restart does not end it', async () => {
  let infos = {}
  const told = []
  const watch = new SyncWatch(
    () => infos,
    ({ stream, pending }) => told.push(`${stream} ${pending}`),
  )
  const burst = async () => {
    for (let i = 0; i < 100; ++i) watch.touch()
    await sleep(2 * syncEventMillis)
  }
  await burst()
  assert.deepEqual(told, [])
  infos = { A: { pending: 1 }, B: { pending: 2 } }
  await burst()
  infos = { A: { pending: 1 }, B: { pending: 3 } }
  await burst()
  assert.deepEqual(told, ['A 1', 'B 2', 'B 3'])
  watch.touch()
  watch.stop()
  infos = { B: { pending: 4 } }
  await burst()
  infos = { ...infos, A: { pending: 1 } }
  await burst()
  assert.deepEqual(told.slice(3), ['B 4', 'A 1'])
})
