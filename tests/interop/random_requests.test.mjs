// What random sequences of requests (random/) show when stock nats-server and frond-server are asked the same: a few
// seeds, as a short form of `node tests/interop/random/compare.mjs --seeds A..B`.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Pair, report } from './random/compare.mjs'
import { operations } from './random/operations.mjs'

const seeds = 12
const count = 60

let pair
before(async () => {
  pair = await Pair.open()
})
after(() => pair?.close())

for (let seed = 1; seed <= seeds; ++seed) {
  test(`random requests, seed ${seed}`, async () => {
    const list = operations(seed, count)
    if (!(await pair.difference(list, 120))) return
    const found = await pair.minimise(list)
    assert.equal(found, undefined, found && report(found))
  })
}
