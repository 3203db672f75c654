// Credentials for the hub change while the node runs: by setHub(), by a provider that is asked at each dial, and by a
// second page that opens the node with newer ones. What the engine is told of it; no hub is there.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { open } from 'frond'
import { Control, ControlServer, createModule, FrondNode, MemoryStorage } from 'frond/internal'

const wasm = new URL('./dist/frond.wasm', import.meta.resolve('frond/package.json'))
const compiled = new WebAssembly.Module(readFileSync(wasm))
const hub = { url: 'ws://127.0.0.1:9/leafnode', domain: 'hub' }

/** A worker; `told` is what its engine has been told of the hub, in order. */
function worker(t) {
  const told = []
  const create = async (options) => {
    const module = await createModule(options)
    return Object.assign(Object.create(module), {
      _frond_change_hub(length, ...clocks) {
        const at = module._frond_scratch(length)
        told.push(JSON.parse(new TextDecoder().decode(module.HEAPU8.subarray(at, at + length))))
        module._frond_change_hub(length, ...clocks)
      },
    })
  }
  const server = new ControlServer({
    owner: 'process',
    loadWasm: async () => ({ create, module: compiled }),
    openStorage: async () => new MemoryStorage('n'),
    openSocket: () => {
      throw new Error('no network')
    },
  })
  const page = async (settings, answer) => {
    const { port1, port2 } = new MessageChannel()
    server.attach(port2)
    const control = new Control(port1)
    if (answer !== undefined) control.onAskHub = (ask) => control.answerHub(ask, answer())
    const storage = { kind: 'memory' }
    const { name, domain } = await control.open({ name: 'n', domain: 'n', storage, hub: settings })
    const node = new FrondNode(name, domain, control, () => undefined)
    t.after(() => node.close())
    return node
  }
  return { page, told }
}

test('setHub() tells the engine, with the form and the checks of open()', async (t) => {
  const { page, told } = worker(t)
  const node = await page(hub)
  await node.setHub({ url: 'ws://127.0.0.1:9', domain: 'hub', token: 't' })
  assert.deepEqual(told, [{ ...hub, token: 't' }])
  const isOptionsError = { name: 'OptionsError' }
  await assert.rejects(node.setHub({ ...hub, usr: 'leaf' }), isOptionsError)
  await assert.rejects(node.setHub({ url: 'http://hub' }), isOptionsError)
  await assert.rejects(node.setHub({ ...hub, credentials: () => ({}) }), isOptionsError)
  await assert.rejects(node.setHub(), isOptionsError)
  assert.equal(told.length, 1)
})

test('a node that was opened without a hub gets one, also while its link is paused', async (t) => {
  for (const paused of [false, true]) {
    const alone = await open({ storage: 'memory' })
    t.after(() => alone.close())
    assert.deepEqual((await alone.status()).link.state, 'none')
    if (paused) await alone.link.pause()
    await assert.rejects(alone.setHub({ ...hub, domain: alone.domain }), { name: 'OptionsError' })
    await alone.setHub(hub)
    const { state, url } = (await alone.status()).link
    assert.match(state, paused ? /^paused$/ : /^(connecting|offline)$/)
    assert.equal(url, hub.url)
    await alone.link.resume()
    assert.notEqual((await alone.status()).link.state, 'paused')
  }
})

test('a second page of the same node brings newer credentials; the same ones, or none, change nothing', async (t) => {
  const { page, told } = worker(t)
  const old = { ...hub, user: 'leaf', password: 'old' }
  await page(old)
  await page(old)
  await page(undefined)
  assert.deepEqual(told, [])
  await page({ ...old, password: 'new' })
  assert.deepEqual(told, [{ ...old, password: 'new' }])
})

test('a provider is asked before a dial; what setHub() says counts from then on', async (t) => {
  let asked = 0
  const { page, told } = worker(t)
  const node = await page(hub, () => ({ hub: { ...hub, token: `${++asked}` } }))
  while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.deepEqual(told[0], { ...hub, token: '1' })
  await node.setHub({ ...hub, token: 'fixed' })
  const count = asked
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  assert.equal(asked, count)
  assert.equal(told.at(-1).token, 'fixed')
})

test('open() asks the function of its option, and lives with one that fails', async (t) => {
  const answers = []
  const credentials = async () => {
    answers.push('asked')
    if (answers.length === 1) throw new Error('not logged in')
    return { token: 't' }
  }
  const node = await open({ storage: 'memory', hub: { url: hub.url, domain: 'hub', credentials } })
  t.after(() => node.close())
  while (answers.length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal((await node.status()).name, node.name)
})
