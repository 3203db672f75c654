// Two working copies of a hub's bucket on stock nats-servers, a third client at the hub, and the official KV client on all
// three: offline edits, conflicts, deletes and purges, a restart and a kill in the middle.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { connect } from '@nats-io/transport-node'
import { eventually } from './eventually.mjs'
import { Relay } from './relay.mjs'
import { freePort, frond, Server, startHub, stock } from './server.mjs'

const reconnect = { maxReconnectAttempts: -1, reconnectTimeWait: 50, waitOnFirstConnect: true }

class Device {
  async start(hub, name) {
    this.relay = await new Relay(hub.ports[2]).start()
    const ports = [await freePort()]
    const url = `ws://leaf:secret@127.0.0.1:${this.relay.port}/leafnode`
    const env = { LEAF_PORT: ports[0], LEAF_REMOTE: url }
    this.server = new Server({ binary: frond, conf: 'leaf.conf', name, env, ports })
    await this.server.start()
    this.nc = await connect({ servers: this.server.url, ...reconnect })
    return this
  }
  async bucket(name, options) {
    return new Kvm(jetstream(this.nc)).create(name, options)
  }
  /** With no call of ours. */
  async open(name) {
    return new Kvm(jetstream(this.nc)).open(name)
  }
  async status(stream) {
    return (await this.nc.request(`$FROND.SYNC.INFO.${stream}`, '', { timeout: 5000 })).json()
  }
  async end() {
    await this.nc?.close()
    this.relay?.close()
    await this.server?.remove()
  }
}

const value = async (kv, key) => {
  const entry = await kv.get(key)
  return entry === null || entry.operation !== 'PUT' ? '-' : entry.string()
}

for (const version of ['2.15', '2.10']) {
  describe(`two-way with nats-server ${version}`, () => {
    let hub
    let nc
    const devices = []
    before(async () => {
      hub = await startHub(stock(version))
      nc = await connect({ servers: hub.url, ...reconnect })
      for (const name of ['phone', 'laptop']) devices.push(await new Device().start(hub, name))
    })
    after(async () => {
      await Promise.all(devices.map((device) => device.end()))
      await nc?.close()
      await hub?.remove()
    })

    /** A bucket at the hub and its working copies: [at the hub, phone, laptop]. */
    async function copies(name, metadata = {}) {
      const atHub = await new Kvm(jetstream(nc)).create(name)
      const here = devices.map((device) =>
        device.bucket(name, {
          metadata: { 'frond.sync': 'hub', 'frond.sync.preview': 'yes', ...metadata },
        }),
      )
      return [atHub, ...(await Promise.all(here))]
    }
    const same = (all, key, wanted) =>
      eventually(`${key} is ${wanted} everywhere`, async () => {
        const values = await Promise.all(all.map((kv) => value(kv, key)))
        assert.deepEqual(
          values,
          all.map(() => wanted),
        )
        return true
      })
    const quiet = (device, bucket) =>
      eventually('nothing pending', async () => (await device.status(`KV_${bucket}`)).pending === 0)

    test('writes of each are everyone’s, and a watcher sees them', async () => {
      const all = await copies('plain')
      const [atHub, phone] = all
      const seen = []
      const watch = await (await devices[1].open('plain')).watch()
      void (async () => {
        for await (const entry of watch) seen.push(`${entry.key}=${entry.string()}`)
      })()
      await phone.put('a', 'of the phone')
      await atHub.put('b', 'of the hub')
      await same(all, 'a', 'of the phone')
      await same(all, 'b', 'of the hub')
      await eventually(
        'the watcher',
        () => seen.includes('a=of the phone') && seen.includes('b=of the hub'),
      )
      await phone.delete('a')
      await atHub.purge('b')
      await same(all, 'a', '-')
      await same(all, 'b', '-')
      await quiet(devices[0], 'plain')
      const info = await (await jetstreamManager(nc)).streams.info('KV_plain')
      assert.equal(info.state.last_seq, 4, 'own writes are not stored twice')
      assert.equal((await devices[0].status('KV_plain')).way, 'two-way')
      watch.stop()
    })

    test('a revision that a value of the hub has overtaken is refused as NATS refuses it', async () => {
      const all = await copies('cas')
      const revision = await all[1].create('k', 'first')
      await same(all, 'k', 'first')
      await all[0].put('k', 'second')
      await same(all, 'k', 'second')
      await assert.rejects(all[1].update('k', 'third', revision), /wrong last sequence/)
      await assert.rejects(all[1].create('k', 'fourth'))
    })

    test('edits on both sides of a tunnel, by policy', async () => {
      const [phone] = devices
      const ends = {
        'hub-order': 'edited here',
        'hub-wins': 'edited there',
        'local-wins': 'edited here',
      }
      const buckets = {}
      for (const policy of Object.keys(ends)) {
        const all = await copies(policy, { 'frond.sync.conflict': policy })
        await all[0].put('k', 'base')
        await same(all, 'k', 'base')
        buckets[policy] = all
      }
      phone.relay.cut()
      for (const [atHub, here] of Object.values(buckets)) {
        await here.put('k', 'edited here')
        await here.put('new', 'made here')
        await atHub.put('k', 'edited there')
        assert.equal(await value(here, 'k'), 'edited here')
      }
      phone.relay.restore()
      for (const [policy, all] of Object.entries(buckets)) {
        await same(all, 'k', ends[policy])
        await same(all, 'new', 'made here')
      }
    })

    test('the app merges what both have written', async () => {
      const [phone] = devices
      const all = await copies('asked', { 'frond.sync.conflict': 'ask' })
      const text = (side) => Buffer.from(side.data, 'base64').toString()
      const answers = phone.nc.subscribe('$FROND.CONFLICT.KV_asked', {
        callback: (_, question) => {
          const { local, hub: there } = question.json()
          question.respond(`${text(local)} and ${text(there)}`)
        },
      })
      await all[0].put('k', 'base')
      await same(all, 'k', 'base')
      phone.relay.cut()
      await all[1].put('k', 'mine')
      await all[0].put('k', 'theirs')
      phone.relay.restore()
      await same(all, 'k', 'mine and theirs')
      answers.unsubscribe()
    })

    test('a kill in the middle: everything is there, nothing twice, while a third client writes', async () => {
      const [phone] = devices
      const all = await copies('killed')
      let writing = true
      const third = (async () => {
        for (let i = 0; writing; i++) {
          await all[0].put(`third.${i % 5}`, `${i}`)
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      })()
      phone.relay.cut()
      for (let i = 0; i < 300; i++) await all[1].put(`k${i}`, `v${i}`)
      phone.relay.restore()
      await eventually('some at the hub', async () => (await all[0].get('k20')) !== null)
      await phone.server.kill()
      await phone.server.start()
      await eventually('the client again', () => phone.nc.rtt().then(() => true))
      for (let i = 0; i < 10; i++) await all[1].put(`third.${i % 5}`, `phone ${i}`)
      await same(all, 'k299', 'v299')
      writing = false
      await third
      await quiet(phone, 'killed')
      for (let i = 0; i < 300; i++) assert.equal(await value(all[0], `k${i}`), `v${i}`)
      for (let i = 0; i < 5; i++) await same(all, `third.${i}`, await value(all[0], `third.${i}`))
      // Each was stored once: revisions of the hub were given out to 300 keys and the third client's alone.
      const info = await (await jetstreamManager(nc)).streams.info('KV_killed', {
        subjects_filter: '>',
      })
      assert.equal(Object.keys(info.state.subjects).length, 305)
    })

    test('a device that was away while the hub was trimmed', async () => {
      const [phone] = devices
      const all = await copies('trimmed')
      await all[0].put('stays', '1')
      await all[0].put('goes', '1')
      await same(all, 'goes', '1')
      await quiet(phone, 'trimmed')
      await new Promise((resolve) => setTimeout(resolve, 500))
      phone.relay.cut()
      await all[0].delete('goes')
      await all[0].put('comes', '1')
      await (await jetstreamManager(nc)).streams.purge('KV_trimmed', { filter: '$KV.trimmed.goes' })
      phone.relay.restore()
      await same([all[0], all[1]], 'comes', '1')
      await same([all[0], all[1]], 'goes', '-')
      await same([all[0], all[1]], 'stays', '1')
    })
  })
}
