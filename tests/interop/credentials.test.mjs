// A node joins stock hubs with an nkey, a JWT and a credentials file; a hub that does not take them says so in the
// link's status, and one that stops to take them ends the link.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { createUser } from '@nats-io/nkeys'
import { connect, credsAuthenticator, nkeyAuthenticator } from '@nats-io/transport-node'
import { open } from 'frond'
import { eventually as eventuallyTrue } from './eventually.mjs'
import { contents } from './joined_pair.mjs'
import { TestOperator } from './operator.mjs'
import { freePort, frond, Server, stock } from './server.mjs'

/** A stock hub whose listeners are as in hub.conf and whose users are what `lines` says. */
async function startHubWith(binary, folder, lines) {
  const ports = [await freePort(), await freePort(), await freePort()]
  const conf = join(folder, `${ports[0]}.conf`)
  writeFileSync(
    conf,
    `port: ${ports[0]}, host: 127.0.0.1
    jetstream { domain: hub }
    leafnodes { host: 127.0.0.1, port: ${ports[1]} }
    websocket { host: 127.0.0.1, port: ${ports[2]}, no_tls: true }
    ${lines}`,
  )
  return new Server({ binary, conf, name: 'hub', env: {}, ports }).start()
}

function openNode(hub, credentials) {
  return open({
    name: 'edge1',
    storage: 'memory',
    hub: { url: `ws://127.0.0.1:${hub.ports[2]}`, domain: 'hub', ...credentials },
  })
}

/** Until `check` no longer throws. */
const eventually = (what, check) =>
  eventuallyTrue(what, async () => {
    await check()
    return true
  })

/** A client at the hub, as another user of the operator's account. */
async function clientOf(operator, hub) {
  const { creds } = await operator.user('app')
  return connect({
    servers: hub.url,
    authenticator: credsAuthenticator(new TextEncoder().encode(creds)),
  })
}

const stateOf = async (node) => (await node.status()).link

/** An outbox and a mirror work over the link of `node`; `atHub` is a client of the same account. */
async function syncsBothWays(node, atHub) {
  const hub = await jetstreamManager(atHub)
  await hub.streams.add({ name: 'ALL', subjects: ['up.>'] })
  await hub.streams.add({ name: 'DOWN', subjects: ['down.>'] })
  await jetstream(atHub).publish('down.1', 'from the hub')
  const nc = await node.connect()
  const local = await jetstreamManager(nc)
  await local.streams.add({ name: 'OUT', subjects: ['up.>'], metadata: { 'frond.forward': 'hub' } })
  await local.streams.add({
    name: 'COPY',
    mirror: { name: 'DOWN', external: { api: '$JS.hub.API', deliver: '' } },
  })
  await jetstream(nc).publish('up.1', 'from the node')
  await eventually('both sides', async () => {
    assert.deepEqual(await contents(hub, 'ALL'), [[1, 'up.1', 'from the node']])
    assert.deepEqual(await contents(local, 'COPY'), [[1, 'down.1', 'from the hub']])
  })
  await nc.close()
}

for (const version of ['2.15', '2.10']) {
  describe(`credentials at nats-server ${version}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'frond-credentials-'))
    after(() => rmSync(folder, { recursive: true, force: true }))

    describe('nkey', () => {
      const key = createUser()
      const nkeySeed = new TextDecoder().decode(key.getSeed())
      let hub
      before(async () => {
        hub = await startHubWith(
          stock(version),
          folder,
          `accounts { A { jetstream: enabled, users [ { nkey: ${key.getPublicKey()} } ] } }`,
        )
      })
      after(() => hub.remove())

      test('a node that signs with its seed is linked and syncs', async () => {
        const node = await openNode(hub, { nkeySeed })
        const atHub = await connect({
          servers: hub.url,
          authenticator: nkeyAuthenticator(key.getSeed()),
        })
        try {
          await syncsBothWays(node, atHub)
          assert.equal((await stateOf(node)).state, 'online')
        } finally {
          await atHub.close()
          await node.close()
        }
      })

      test('a node with another seed is refused and says why', async () => {
        const node = await openNode(hub, {
          nkeySeed: new TextDecoder().decode(createUser().getSeed()),
        })
        try {
          await eventually('the refusal', async () => {
            const { state, code } = await stateOf(node)
            assert.deepEqual([state, code], ['refused', 'credentials'])
          })
        } finally {
          await node.close()
        }
      })
    })

    describe('operator mode', () => {
      let operator
      let hub
      before(async () => {
        operator = await new TestOperator().make()
        hub = await startHubWith(stock(version), folder, operator.config())
      })
      after(() => hub.remove())

      test('a credentials file links and syncs', async () => {
        const { creds } = await operator.user('phone')
        const node = await openNode(hub, { creds })
        const atHub = await clientOf(operator, hub)
        try {
          await syncsBothWays(node, atHub)
        } finally {
          await atHub.close()
          await node.close()
        }
      })

      test('frond-server as the leaf reads a credentials file', async () => {
        const credentials = join(folder, 'server.creds')
        writeFileSync(credentials, (await operator.user('edge')).creds)
        const ports = [await freePort()]
        const conf = join(folder, 'leaf.conf')
        const url = `ws://127.0.0.1:${hub.ports[2]}/leafnode`
        writeFileSync(
          conf,
          `port: ${ports[0]}, host: 127.0.0.1
          jetstream { domain: edge1 }
          leafnodes { remotes: [ { url: "${url}", credentials: "${credentials}" } ] }`,
        )
        const leaf = await new Server({
          binary: frond,
          conf,
          name: 'edge1',
          env: {},
          ports,
        }).start()
        const nc = await connect({ servers: leaf.url })
        try {
          await eventually('the link', async () => {
            const answer = await nc.request('$JS.hub.API.INFO', '', { timeout: 500 })
            assert.equal(answer.json().type, 'io.nats.jetstream.api.v1.account_info_response')
          })
        } finally {
          await nc.close()
          await leaf.remove()
        }
      })

      test('a JWT and its seed link, until the JWT expires', async () => {
        const { jwt, seed } = await operator.user(
          'guest',
          {},
          { exp: Math.floor(Date.now() / 1000) + 3 },
        )
        const node = await openNode(hub, { jwt, nkeySeed: seed })
        try {
          await eventually('the link', async () =>
            assert.equal((await stateOf(node)).state, 'online'),
          )
          await eventually('the end', async () => {
            const { state, code } = await stateOf(node)
            assert.deepEqual([state, code], ['refused', 'expired'])
          })
        } finally {
          await node.close()
        }
      })

      test('a user without the right kind of connection is refused', async () => {
        const { creds } = await operator.user('browser', {
          allowed_connection_types: ['WEBSOCKET'],
        })
        const node = await openNode(hub, { creds })
        try {
          await eventually('the refusal', async () =>
            assert.equal((await stateOf(node)).state, 'refused'),
          )
        } finally {
          await node.close()
        }
      })

      test('subjects that the user may not publish are refused here and told, the rest arrives', async () => {
        const claims = {
          pub: { allow: ['ok.>', '$JS.hub.API.>', '$JS.FC.>'] },
          sub: { allow: ['$JSC.R.*', '$JS.M.*', '_INBOX.>'] },
        }
        const { creds } = await operator.user('narrow', claims)
        const node = await openNode(hub, { creds })
        const atHub = await clientOf(operator, hub)
        try {
          const manager = await jetstreamManager(atHub)
          await manager.streams.add({ name: 'OKS', subjects: ['ok.>', 'no.>'] })
          const nc = await node.connect()
          const local = await jetstreamManager(nc)
          await local.streams.add({
            name: 'NARROW',
            subjects: ['ok.>', 'no.>'],
            metadata: { 'frond.forward': 'hub' },
          })
          await jetstream(nc).publish('no.1', 'never')
          await jetstream(nc).publish('ok.1', 'arrives')
          await eventually('what is allowed', async () => {
            assert.deepEqual(await contents(manager, 'OKS'), [[1, 'ok.1', 'arrives']])
          })
          const { refused, lastError } = await node.sync('NARROW')
          assert.equal(refused, 1)
          assert.equal(lastError, 'Permissions Violation for Publish to "no.1"')
          assert.equal((await stateOf(node)).state, 'online')
        } finally {
          await atHub.close()
          await node.close()
        }
      })
    })
  })
}
