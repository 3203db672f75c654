// What frond-server tells of a link that a stock hub does not give it: each cause its own code (docs/link.md).
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect } from '@nats-io/transport-node'
import { eventually } from './eventually.mjs'
import { freePort, frond, Server, startLeaf, stock } from './server.mjs'

const hubConf = ({ client, leaf, socket }, { leafnodes, websocket = '', jetstream = '' } = {}) => `
  port: ${client}, host: 127.0.0.1
  jetstream { ${jetstream} }
  ${leafnodes ?? `leafnodes { host: 127.0.0.1, port: ${leaf}, authorization { users: [ { user: leaf, password: secret } ] } }`}
  websocket { host: 127.0.0.1, port: ${socket}, no_tls: true, ${websocket} }`

for (const version of ['2.15', '2.10']) {
  describe(`the link's status at nats-server ${version}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'frond-status-'))
    const servers = []
    let ports
    before(async () => {
      ports = { client: await freePort(), leaf: await freePort(), socket: await freePort() }
    })
    after(() => rmSync(folder, { recursive: true, force: true }))

    async function hubWith(options) {
      const conf = join(folder, 'hub.conf')
      writeFileSync(conf, hubConf(ports, options))
      const needed = [ports.client, ports.socket]
      const hub = new Server({ binary: stock(version), conf, name: 'hub', env: {}, ports: needed })
      servers.push(await hub.start())
      return hub
    }
    async function leafTo({ user = 'leaf:secret', path = '/leafnode' } = {}) {
      const leaf = await startLeaf(frond, `ws://${user}@127.0.0.1:${ports.socket}${path}`)
      servers.push(leaf)
      const nc = await connect({ servers: leaf.url })
      return async () => (await nc.request('$FROND.STATUS', '')).json().link
    }
    async function told(status, state, code) {
      const link = await eventually(code, async () => {
        const now = await status()
        return now.state === state && now.code === code ? now : assert.fail(JSON.stringify(now))
      })
      assert.equal(
        link.url,
        `ws://127.0.0.1:${ports.socket}${link.url.slice(link.url.lastIndexOf('/'))}`,
      )
      return link
    }
    async function end() {
      for (const server of servers.splice(0).reverse()) await server.remove()
    }

    test('nobody is there: tried again and again', async () => {
      const status = await leafTo()
      try {
        const first = await told(status, 'offline', 'unreachable')
        assert.match(first.cause, /refused/)
        await eventually('more tries', async () => (await status()).attempts >= 3)
        assert.ok(Math.abs(Date.parse((await status()).since) - Date.parse(first.since)) < 100)
        await hubWith()
        await eventually('the link', async () => (await status()).state === 'online')
      } finally {
        await end()
      }
    })

    test('wrong credentials', async () => {
      await hubWith()
      const status = await leafTo({ user: 'leaf:wrong' })
      try {
        const link = await told(status, 'refused', 'credentials')
        assert.match(link.cause, /Authorization Violation/)
        assert.ok(Date.parse(link.next) > Date.now() + 1000)
      } finally {
        await end()
      }
    })

    test('a path that is for clients', async () => {
      await hubWith()
      const status = await leafTo({ path: '/else' })
      try {
        await told(status, 'refused', 'wrong_path')
      } finally {
        await end()
      }
    })

    test('a hub without a port for leafs', async () => {
      await hubWith({ leafnodes: '' })
      const status = await leafTo()
      try {
        const link = await told(status, 'refused', 'no_leaf')
        assert.match(link.cause, /leafnodes/)
      } finally {
        await end()
      }
    })

    test('a hub without a domain is linked', async () => {
      await hubWith()
      const status = await leafTo()
      try {
        await eventually('the link', async () => (await status()).state === 'online')
        assert.equal((await status()).code, undefined)
      } finally {
        await end()
      }
    })

    test('two nodes of one name do not throw each other off for ever', async () => {
      await hubWith()
      const one = await leafTo()
      await eventually('the link', async () => (await one()).state === 'online')
      const other = await leafTo()
      try {
        const link = await told(one, 'refused', 'duplicate')
        assert.match(link.cause, /another node named edge1 is connected/)
        assert.equal((await other()).state, 'online')
        assert.ok(Date.parse(link.next) > Date.now() + 3000)
      } finally {
        await end()
      }
    })

    test('a hub that ends', async () => {
      const hub = await hubWith()
      const status = await leafTo()
      try {
        await eventually('the link', async () => (await status()).state === 'online')
        await hub.end('SIGTERM')
        await eventually('the end', async () => (await status()).state !== 'online')
        await told(status, 'offline', 'unreachable')
      } finally {
        await end()
      }
    })
  })
}
