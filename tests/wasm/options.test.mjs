// What open() makes of its options: wrong ones are named, right ones reach the worker in its own form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUser } from '@nats-io/nkeys'
import { OptionsError, open } from 'frond'
import { signerFromSeed, toSettings } from 'frond/internal'

const memory = { kind: 'memory' }
const settings = (options, name = 'phone-7') => toSettings(options, name, memory)
const user = createUser()
const seed = new TextDecoder().decode(user.getSeed())
const hub = (extra) => ({ hub: { url: 'wss://hub.example.com', ...extra } })

test('the domain is the name when left out', () => {
  assert.deepEqual(settings({}), { name: 'phone-7', domain: 'phone-7', storage: memory })
  assert.equal(settings({ domain: 'here' }).domain, 'here')
})

test('names that NATS would cut or match are refused', () => {
  for (const name of ['', 'a b', 'a.b', '*', '>', 'ä', 'x'.repeat(65), 5, null]) {
    assert.throws(() => settings({}, name), OptionsError, name)
    assert.throws(() => settings({ domain: name }), OptionsError, name)
  }
})

test('the hub is dialled at /leafnode unless another path is given', () => {
  assert.equal(settings(hub()).hub.url, 'wss://hub.example.com/leafnode')
  assert.equal(
    settings({ hub: { url: 'ws://h:8080/a/leafnode' } }).hub.url,
    'ws://h:8080/a/leafnode',
  )
  // WebSockets of some browsers refuse a fragment.
  assert.equal(settings({ hub: { url: 'ws://h#x' } }).hub.url, 'ws://h/leafnode')
})

test('a hub that cannot be meant is refused, and the message names the option', () => {
  const wrong = [
    [{ hub: { url: 'hub.example.com' } }, /hub\.url/],
    [{ hub: { url: 'https://hub.example.com' } }, /hub\.url/],
    [{ hub: { url: 'wss://u:p@hub.example.com' } }, /hub\.url/],
    [hub({ domain: 'phone-7' }), /hub\.domain/],
    [hub({ domain: 'a.b' }), /hub\.domain/],
    [hub({ jwt: 'eyJ' }), /nkeySeed/],
    [hub({ nkeySeed: 'SUAX' }), /nkeySeed/],
    [hub({ creds: 'nothing' }), /creds/],
    [{ limits: { storageBytes: -1 } }, /storageBytes/],
    [{ limits: { storageByte: 1 } }, /^limits\.storageByte: is no option; there are storageBytes/],
    [hub({ usr: 'u' }), /^hub\.usr: is no option; there are url, domain, credentials, user/],
    [hub({ user: 'u' }), /^hub\.user: and hub\.password belong together/],
    [hub({ token: 7 }), /^hub\.token: is no text/],
    [{ hub: null }, /^hub: null is no object/],
    [hub({ credentials: {} }), /^hub\.credentials: is no function/],
    [hub({ credentials: () => ({}), token: 't' }), /^hub\.token: is for hub\.credentials to give/],
    [hub({ token: 't', user: 'u', password: 'p' }), /^hub: takes one of user, token/],
    [hub({ creds: 'c', nkeySeed: seed }), /^hub: takes one of user, token/],
    [hub({ domain: '' }), /^hub\.domain: "" is not/],
    [{ durability: 'bogus' }, /^durability: "bogus" is neither/],
    [{ workerUrl: 5 }, /^workerUrl: 5 is no URL/],
    [{ limits: { memoryBytes: '5' } }, /^limits\.memoryBytes: "5" is no number of bytes/],
    [{ worker: 'none' }, /^worker: "none" is neither shared nor dedicated/],
  ]
  for (const [options, message] of wrong) {
    assert.throws(
      () => settings(options),
      (error) => error instanceof OptionsError && message.test(error.message),
      JSON.stringify(options),
    )
  }
})

test('credentials are taken apart', () => {
  const creds = `-----BEGIN NATS USER JWT-----\neyJ0.e30.sig\n------END NATS USER JWT------\n
************************* IMPORTANT *************************
-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`
  const { jwt, nkeySeed } = settings(hub({ creds })).hub
  assert.equal(jwt, 'eyJ0.e30.sig')
  assert.equal(nkeySeed, seed)
})

test('the signer signs with the seed, in base64url without padding', () => {
  const signer = signerFromSeed(seed)
  assert.equal(signer.publicKey(), user.getPublicKey())
  const nonce = new TextEncoder().encode('nonce')
  const text = signer.sign(nonce)
  assert.match(text, /^[A-Za-z0-9_-]{86}$/)
  assert.ok(user.verify(nonce, Buffer.from(text, 'base64url')))
  assert.throws(() => signerFromSeed(`SU${'A'.repeat(56)}`), { name: 'OptionsError' })
})

test('an option that there is not is refused', async () => {
  await assert.rejects(open({ storage: 'memory', nmae: 'x' }), {
    name: 'OptionsError',
    message: /^nmae: is no option; there are name, storage, /,
  })
  await assert.rejects(open(null), OptionsError)
})

test('IndexedDB is not a storage of Node.js', async () => {
  await assert.rejects(open({ storage: 'indexeddb' }), OptionsError)
  await assert.rejects(open(), OptionsError)
})

test('what is no storage is refused, also a directory without a name', async () => {
  for (const storage of [null, 'disk', {}, { dir: 'x' }, { directory: 5 }, { directory: '' }])
    await assert.rejects(open({ storage }), OptionsError, JSON.stringify(storage))
  await assert.rejects(
    open({ storage: { directory: 'x', sync: true } }),
    /^OptionsError: storage\.sync/,
  )
})
