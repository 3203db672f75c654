// Several tabs, one node: shared where there is a SharedWorker, a clear error where there is not, never two writers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openedSite } from './support/opened_site.mjs'

const shared = openedSite()

const openNode = (page, options) =>
  page.evaluate(async (given) => {
    try {
      const node = await frond.open(given)
      const nc = await node.connect()
      Object.assign(globalThis, { node, nc, js: jetstream(nc), jsm: await jetstreamManager(nc) })
      return node.status()
    } catch (error) {
      return { error: error.name, message: error.message }
    }
  }, options)

test('two tabs share one node: messages, streams, and what happens when the first is closed', async () => {
  const [first, second] = [await shared.openPage(), await shared.openPage()]
  assert.equal((await openNode(first, { name: 'shared' })).owner, 'shared-worker')
  assert.equal((await openNode(second, { name: 'shared' })).owner, 'shared-worker')
  await first.evaluate(() => jsm.streams.add({ name: 'S', subjects: ['s'] }))
  await first.evaluate(async () => {
    globalThis.heard = new Promise((resolve) => {
      nc.subscribe('hello', { max: 1, callback: (_, message) => resolve(message.string()) })
    })
    await nc.flush()
  })
  await second.evaluate(async () => {
    nc.publish('hello', 'from the other tab')
    await js.publish('s', 'x')
  })
  assert.equal(await first.evaluate(() => heard), 'from the other tab')
  await first.close()
  const seq = await second.evaluate(async () => (await js.publish('s', 'y')).seq)
  assert.equal(seq, 2)
  await second.evaluate(() => node.close())
  await second.close()
})

test('a tab that is gone takes its subscriptions with it', async () => {
  const [first, second] = [await shared.openPage(), await shared.openPage()]
  await openNode(first, { name: 'gone' })
  await openNode(second, { name: 'gone' })
  await first.evaluate(async () => {
    nc.subscribe('service', { callback: (_, message) => message.respond('here') })
    await nc.flush()
  })
  const ask = () =>
    second.evaluate(async () => {
      try {
        return (await nc.request('service', '', { timeout: 1_000 })).string()
      } catch (error) {
        return error.message
      }
    })
  assert.equal(await ask(), 'here')
  await first.close()
  let answer = ''
  for (let i = 0; i < 50 && !/no responders/.test(answer); ++i) {
    answer = await ask()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.match(answer, /no responders/)
  await second.evaluate(() => node.close())
  await second.close()
})

test('without a SharedWorker the second tab is told so, and can open when the first is closed', async () => {
  const [first, second] = [await shared.openPage(), await shared.openPage()]
  const options = { name: 'dedicated', worker: 'dedicated' }
  assert.equal((await openNode(first, options)).owner, 'worker')
  assert.equal((await openNode(second, options)).error, 'NodeInUseError')
  await first.close()
  assert.equal((await openNode(second, options)).owner, 'worker')
  await second.evaluate(() => node.close())
  await second.close()
})

test('a shared and a dedicated worker do not both write', async () => {
  const [first, second] = [await shared.openPage(), await shared.openPage()]
  assert.equal((await openNode(first, { name: 'mixed' })).owner, 'shared-worker')
  const refused = await openNode(second, { name: 'mixed', worker: 'dedicated' })
  assert.equal(refused.error, 'NodeInUseError')
  assert.match(refused.message, /another tab/)
  await first.evaluate(() => node.close())
  await Promise.all([first.close(), second.close()])
})

test('reloading at once finds the lock free again', async () => {
  const page = await shared.openPage()
  for (const worker of ['dedicated', 'shared']) {
    for (let i = 0; i < 4; ++i) {
      assert.equal((await openNode(page, { name: `reload-${worker}`, worker })).error, undefined)
      await page.reload()
      await page.waitForFunction(() => globalThis.ready === true)
    }
  }
  await page.close()
})

test('a closed node can be opened again in the same page', async () => {
  const page = await shared.openPage()
  for (let i = 0; i < 3; ++i) {
    assert.equal((await openNode(page, { name: 'again' })).name, 'again')
    await page.evaluate(() => node.close())
  }
  await page.close()
})

test('what a second tab asks for must be what the node has, or be left out', async () => {
  const [first, second] = [await shared.openPage(), await shared.openPage()]
  const hub = { url: 'ws://127.0.0.1:9', domain: 'hub', user: 'u', password: 'p' }
  const options = { name: 'options', hub, limits: { storageBytes: 1_000_000 } }
  assert.equal((await openNode(first, options)).error, undefined)
  const wrong = [
    [{ durability: 'strict' }, 'durability: the node is open in another tab with relaxed'],
    [{ domain: 'other' }, 'domain: the node is open in another tab with options'],
    [{ hub: { ...hub, url: 'ws://127.0.0.1:8' } }, 'hub.url: '],
    [{ hub: { ...hub, domain: 'hbu' } }, 'hub.domain: '],
    [{ limits: { storageBytes: 5 } }, 'limits.storageBytes: '],
    [
      { limits: { memoryBytes: 5 } },
      'limits.memoryBytes: the node is open in another tab with none',
    ],
  ]
  for (const [change, message] of wrong) {
    const refused = await openNode(second, { ...options, ...change })
    assert.equal(refused.error, 'OptionsError', JSON.stringify([change, refused]))
    assert.ok(refused.message.startsWith(message), refused.message)
  }
  assert.equal((await openNode(second, { name: 'options' })).error, undefined)
  await Promise.all([first, second].map((page) => page.evaluate(() => node.close())))
  await Promise.all([first.close(), second.close()])
})

test('close() lets what was published before be acknowledged', async () => {
  const page = await shared.openPage()
  for (const worker of ['shared', 'dedicated']) {
    const options = { name: `closing-${worker}`, worker }
    assert.equal((await openNode(page, options)).error, undefined)
    const settled = await page.evaluate(async () => {
      await jsm.streams.add({ name: 'S', subjects: ['s'] })
      const publishes = Array.from({ length: 500 }, (_, i) => js.publish('s', `${i}`))
      await node.close()
      const results = await Promise.allSettled(publishes)
      return results.filter(({ status }) => status === 'fulfilled').length
    })
    assert.equal(settled, 500)
  }
  await page.close()
})
