// Signals to a running server: the same configuration, clients and changes on a stock nats-server and on frond-server,
// and the same bytes to the clients.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exchange, openRaw } from './raw_connection.mjs'
import { freePort, frond, Server, stock } from './server.mjs'

const users = (...list) => `authorization { users [ ${list.join(', ')} ] }`
const a = '{user: a, password: a}'
const b = '{user: b, password: b}'
const bLess =
  '{user: b, password: b, permissions: {subscribe: {deny: "x.>"}, publish: {deny: "p"}}}'
const connect = (user) =>
  `CONNECT {"verbose":false,"protocol":1,"headers":true${user ? `,"user":"${user}","pass":"${user}"` : ''}}\r\n`
const subscriptions = 'SUB x.1 1\r\nSUB y 2\r\nSUB *.* 3\r\nSUB x.2 q 4\r\nPING\r\n'
const publishes = 'PUB p 0\r\n\r\nPUB x.9 0\r\n\r\nPING\r\n'

/** [name, configuration before, and after, who connects] */
const reloads = [
  ['rights taken from a user', users(a, b), users(a, bLess), ['b']],
  ['a user taken away', users(a, b), users(b), ['a', 'b']],
  ['a password changed', users(a, b), users('{user: a, password: c}', b), ['a', 'b']],
  ['users where there were none', '', users(a, b), ['', 'a']],
  ['no users any more', users(a, b), '', ['a']],
  ['a configuration with a mistake', users(a, b), 'authorization { us', ['a']],
]

/** Runs `body` with a server whose configuration it can write anew. */
async function withServer(binary, text, body) {
  const folder = mkdtempSync(join(tmpdir(), 'frond-signals-'))
  const conf = join(folder, 'server.conf')
  const port = await freePort()
  const head = `server_name: alone\nhost: 127.0.0.1\nport: ${port}\n`
  const write = (more) => writeFileSync(conf, more === null ? '' : `${head}${more}\n`)
  write(text)
  const server = new Server({ binary, conf, name: 'alone', env: {}, ports: [port] })
  try {
    await server.start()
    return await body(server, write, port)
  } finally {
    await server.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

function reloaded(binary, before, after, who) {
  return withServer(binary, before, async (server, write, port) => {
    const clients = []
    while (clients.length < who.length) clients.push(await openRaw(port))
    for (const [i, client] of clients.entries()) await client.send(connect(who[i]) + subscriptions)
    for (const client of clients) client.take()
    write(after)
    server.signal('SIGHUP')
    const results = []
    for (const client of clients) {
      await client.quiet(600)
      const { received, closed } = client.take()
      // Which subscription ends first is as Go's maps have it.
      const reload = { lines: received.split('\r\n').sort(), closed }
      if (!reload.closed) await client.send(publishes)
      results.push({ reload, afterwards: client.take() })
    }
    for (const client of clients) client.destroy()
    return results
  })
}

for (const [name, before, after, who] of reloads) {
  test(`SIGHUP: ${name}`, async () => {
    const [expected, got] = await Promise.all([
      reloaded(stock('2.15'), before, after, who),
      reloaded(frond, before, after, who),
    ])
    assert.deepEqual(got, expected)
  })
}

test('SIGHUP: a file that is just being written opens the server to nobody', async () => {
  for (const binary of [stock('2.15'), frond]) {
    await withServer(binary, users(a, b), async (server, write, port) => {
      write(null)
      server.signal('SIGHUP')
      await sleep(1000)
      const { received } = await exchange(port, [`${connect('')}PING\r\n`])
      assert.match(received, /Authorization Violation/)
    })
  }
})

function lameDuck(binary) {
  return withServer(binary, 'lame_duck_grace_period: 1s', async (server, _, port) => {
    const client = await openRaw(port)
    await client.send(`${connect('')}PING\r\n`)
    client.take()
    server.signal('SIGUSR2')
    await client.quiet(300)
    const told = JSON.parse(client.raw.match(/.*INFO (\{.*?\})/s)[1])
    await client.send('PING\r\n')
    const alive = client.take()
    await client.quiet(2000)
    const end = client.take()
    client.destroy()
    return { ldm: told.ldm, urls: told.connect_urls, alive, end }
  })
}

test('SIGUSR2: clients are told at once and closed after the grace', async () => {
  const [expected, got] = await Promise.all([lameDuck(stock('2.15')), lameDuck(frond)])
  assert.deepEqual(got, expected)
  assert.equal(got.ldm, true)
})
