// Where the hub is and as whom it is joined, while the node runs: set by a page, or asked before each dial.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAccount, createUser } from '@nats-io/nkeys'
import { HubAccess, hubAskMillisMax } from 'frond/internal'

const hub = { url: 'ws://hub/leafnode', user: 'a' }

function access(ask = async () => undefined, settings = hub) {
  const told = { changes: [], failures: [] }
  const made = new HubAccess(settings, ask)
  made.onChange = (changed) => told.changes.push(changed)
  made.onFailure = (cause) => told.failures.push(cause)
  return { access: made, told }
}

test('without a provider a dial opens soon, and changes nothing', async () => {
  const { access: made, told } = access()
  let opened = 0
  await made.dial(1, () => opened++)
  assert.deepEqual([opened, told.changes, told.failures], [1, [], []])
})

test("a provider's answer is told before the dial opens; the same one again is no change", async () => {
  const fresh = { ...hub, password: 'new' }
  const { access: made, told } = access(async () => ({ ...fresh }))
  await made.dial(1, () => assert.deepEqual(told.changes, [fresh]))
  await made.dial(2, () => undefined)
  assert.deepEqual(told.changes, [fresh])
  assert.deepEqual(made.settings, fresh)
})

test('a provider that fails or says nothing is told, and dialled without', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let opened = 0
  const failing = access(async () => {
    throw new Error('logged out')
  })
  await failing.access.dial(1, () => opened++)
  assert.deepEqual(failing.told.failures, ['hub provider: logged out'])
  let answer
  const late = access(() => new Promise((resolve) => (answer = resolve)))
  const dialled = late.access.dial(1, () => opened++)
  t.mock.timers.tick(hubAskMillisMax)
  await dialled
  assert.equal(opened, 2)
  assert.match(late.told.failures[0], /hub provider/)
  answer({ ...hub, password: 'late' })
  await null
  await null
  assert.deepEqual(late.told.changes, [{ ...hub, password: 'late' }])
})

test('a dial that the engine has given up meanwhile is not made', async () => {
  const { access: made } = access(() => sleep(5, undefined))
  let opened = 0
  const dialled = made.dial(7, () => opened++)
  made.forget(7)
  await dialled
  assert.equal(opened, 0)
})

test('the seed may come, change and go', () => {
  const seeds = [createUser(), createUser()]
  const { access: made } = access()
  assert.equal(made.publicKey(), '')
  assert.equal(made.sign(new Uint8Array(4)), '')
  for (const user of seeds) {
    made.set({ ...hub, nkeySeed: new TextDecoder().decode(user.getSeed()) })
    assert.equal(made.publicKey(), user.getPublicKey())
    assert.ok(made.sign(new Uint8Array(4)).length > 80)
  }
  assert.throws(() => made.set({ ...hub, nkeySeed: 'SUA' }), { name: 'OptionsError' })
  assert.equal(made.publicKey(), seeds[1].getPublicKey())
  made.set(hub)
  assert.equal(made.publicKey(), '')
})

test("keys, signatures and refused seeds are those of NATS's own nkeys", () => {
  const { access: made } = access()
  const text = (bytes) => new TextDecoder().decode(bytes)
  for (let i = 0; i < 30; ++i) {
    const user = createUser()
    made.set({ ...hub, nkeySeed: ` ${text(user.getSeed())}\n` })
    assert.equal(made.publicKey(), user.getPublicKey())
    const nonce = Uint8Array.from({ length: i }, (_, j) => i * j)
    assert.equal(made.sign(nonce), Buffer.from(user.sign(nonce)).toString('base64url'))
  }
  const seed = text(createUser().getSeed())
  const typo = seed.slice(0, 20) + (seed[20] === 'A' ? 'B' : 'A') + seed.slice(21)
  const account = text(createAccount().getSeed())
  for (const wrong of ['S', typo, seed.slice(1), seed.slice(0, -1), `${seed}A`, account, '🔑'])
    assert.throws(() => made.set({ ...hub, nkeySeed: wrong }), { name: 'OptionsError' }, wrong)
})

test('a node that was opened without a hub takes one', () => {
  const made = new HubAccess(undefined, async () => undefined)
  const told = []
  made.onChange = (settings) => told.push(settings)
  made.set(hub)
  assert.deepEqual(told, [hub])
  assert.deepEqual(made.settings, hub)
})
