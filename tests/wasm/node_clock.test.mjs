// The clocks of a worker: a monotonic one that counts sleep, made of one that does not and of a wall
// clock that somebody sets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NodeClock } from 'frond/internal'

const hours = 3_600_000

function clocks() {
  const host = { steady: 17, wall: 1_800_000_000_000 }
  const clock = new NodeClock(
    () => host.steady,
    () => host.wall,
  )
  const pass = (millis) => {
    host.steady += millis
    host.wall += millis
  }
  return { host, clock, pass }
}

test('both run on', () => {
  const { clock, pass } = clocks()
  pass(1000)
  assert.equal(clock.read().monotonic, 1000)
  assert.equal(clock.wall, 1_800_000_001_000)
})

test('a wall clock that is set back, or right, changes no wait', () => {
  const { host, clock, pass } = clocks()
  for (const step of [-5 * hours, -1, 1, 2_999, -2_999]) {
    const before = clock.read().monotonic
    host.wall += step
    pass(10)
    assert.equal(clock.read().monotonic, before + 10)
    assert.equal(clock.wall, host.wall)
  }
})

test('sleep counts, however often and however long', () => {
  const { host, clock, pass } = clocks()
  for (const slept of [3_000, 48 * hours, 20_000]) {
    const before = clock.read().monotonic
    host.wall += slept
    pass(5)
    assert.equal(clock.read().monotonic, before + slept + 5)
  }
})

test('a steady clock that goes back or stands still never takes time back', () => {
  const { host, clock, pass } = clocks()
  pass(1000)
  clock.read()
  host.steady = 3
  assert.equal(clock.read().monotonic, 1000)
  pass(10)
  assert.equal(clock.read().monotonic, 1010)
})

test('what is no number changes nothing', () => {
  const { host, clock, pass } = clocks()
  pass(1000)
  clock.read()
  const { steady, wall } = host
  for (const nothing of [Number.NaN, Number.POSITIVE_INFINITY, undefined]) {
    Object.assign(host, { steady: nothing, wall })
    assert.equal(clock.read().monotonic, 1000)
    Object.assign(host, { steady, wall: nothing })
    assert.equal(clock.read().wall, wall)
  }
  Object.assign(host, { steady, wall })
  pass(1)
  assert.equal(clock.read().monotonic, 1001)
})
