// What docs/sync.md says of a hub's stream that is not what it was: for a mirror, a source and a forward stream at once,
// against stock nats-server. Each case ends with new messages going both ways.
import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { afterEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { eventually } from './eventually.mjs'
import { contents } from './joined_pair.mjs'
import { Relay } from './relay.mjs'
import { freePort, frond, Server, startLeaf, stock } from './server.mjs'

const forEver = { maxReconnectAttempts: -1, reconnectTimeWait: 100, waitOnFirstConnect: true }
const nothing = '[]'

/** A hub with the streams FEED and INBOX, and a leaf with COPY, PART (from FEED) and OUT (to INBOX). */
class World {
  static async begin() {
    const world = new World()
    const ports = [await freePort(), await freePort(), await freePort()]
    world.hub = await new Server({
      binary: stock('2.15'),
      conf: 'outcomes.conf',
      name: 'hub',
      env: {
        HUB_PORT: ports[0],
        HUB_LEAF_PORT: ports[1],
        HUB_WS_PORT: ports[2],
        LEAF_DENIED: nothing,
      },
      ports,
    }).start()
    world.relay = await new Relay(ports[2]).start()
    const url = `ws://leaf:secret@127.0.0.1:${world.relay.port}/leafnode`
    world.leaf = await startLeaf(frond, url)
    world.atHub = await connect({
      servers: world.hub.url,
      user: 'all',
      pass: 'secret',
      ...forEver,
    })
    world.atLeaf = await connect({ servers: world.leaf.url, ...forEver })
    const options = { checkAPI: false, timeout: 5000 }
    world.there = await jetstreamManager(world.atHub, options)
    world.here = await jetstreamManager(world.atLeaf, options)
    await world.makeFeed()
    await world.makeInbox()
    const external = { api: '$JS.hub.API', deliver: '' }
    await world.here.streams.add({ name: 'COPY', mirror: { name: 'FEED', external } })
    await world.here.streams.add({ name: 'PART', sources: [{ name: 'FEED', external }] })
    await world.here.streams.add({
      name: 'OUT',
      subjects: ['in.>'],
      metadata: { 'frond.forward': 'hub' },
    })
    await world.feed(1, 10)
    await world.send(1, 10)
    await world.have({ copy: numbers(1, 10), part: numbers(1, 10), inbox: numbers(1, 10) })
    return world
  }

  makeFeed = () => this.there.streams.add({ name: 'FEED', subjects: ['feed.>'] })
  makeInbox = () => this.there.streams.add({ name: 'INBOX', subjects: ['in.>'] })
  async publish(nc, subject, from, to) {
    for (let i = from; i <= to; i++) await jetstream(nc).publish(`${subject}.${i}`, `${i}`)
  }
  feed = (from, to) => this.publish(this.atHub, 'feed', from, to)
  send = (from, to) => this.publish(this.atLeaf, 'in', from, to)

  /** Waits until each stream holds exactly these bodies in this order. */
  async have(wanted, ms = 60_000) {
    const places = {
      copy: [this.here, 'COPY'],
      part: [this.here, 'PART'],
      inbox: [this.there, 'INBOX'],
    }
    for (const [place, bodies] of Object.entries(wanted)) {
      await eventually(
        place,
        async () => {
          const [manager, stream] = places[place]
          const found = (await contents(manager, stream)).map(([, , body]) => body)
          assert.deepEqual(found, bodies)
          return true
        },
        ms,
      )
    }
  }
  async info(stream, seqs) {
    const body = seqs ? JSON.stringify({ seqs }) : ''
    return (await this.atLeaf.request(`$FROND.SYNC.INFO.${stream}`, body)).json()
  }
  says = (stream, pattern) =>
    eventually(`${stream} says ${pattern}`, async () => {
      const info = await this.info(stream)
      assert.match(info.lastError ?? '', pattern)
      return info
    })
  async restartHub(denied = nothing) {
    this.hub.env.LEAF_DENIED = denied
    await this.hub.kill()
    await this.hub.start()
    await this.hubIsBack()
  }
  hubIsBack = () => eventually('the client is back', () => this.atHub.flush().then(() => true))
  async end() {
    await Promise.all([this.atHub?.close(), this.atLeaf?.close()])
    this.relay?.close()
    await Promise.all([this.leaf?.remove(), this.hub?.remove()])
  }
}
const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`)

let world
afterEach(() => world?.end())

async function whileAway(change) {
  world = await World.begin()
  world.relay.cut()
  await sleep(200)
  await change()
  world.relay.restore()
}

test('purged: what came stays, and is not sent again', async () => {
  await whileAway(async () => {
    await world.there.streams.purge('FEED')
    await world.there.streams.purge('INBOX')
    await world.feed(11, 12)
    await world.send(11, 12)
  })
  await world.have({ copy: numbers(1, 12), part: numbers(1, 12), inbox: numbers(11, 12) })
})

test('deleted, and made again later: said so meanwhile; the mirror stops, the others go on', async () => {
  await whileAway(async () => {
    await world.there.streams.delete('FEED')
    await world.there.streams.delete('INBOX')
    await world.send(11, 12)
  })
  await world.says('COPY', /stream not found/)
  await world.says('PART', /stream not found/)
  const { queued } = await world.says('OUT', /no stream at the hub|no responders/)
  assert.equal(queued, 2)
  await world.makeFeed()
  await world.makeInbox()
  await world.feed(11, 12)
  await world.says('COPY', /deleted and created again/)
  await world.have({ copy: numbers(1, 10), part: numbers(1, 12), inbox: numbers(11, 12) })
})

for (const [title, last] of [
  ['fewer', 13],
  ['more', 30],
]) {
  test(`made again with ${title} messages: the mirror stops, the others go on`, async () => {
    await whileAway(async () => {
      await world.there.streams.delete('FEED')
      await world.there.streams.delete('INBOX')
      await world.makeFeed()
      await world.makeInbox()
      await world.feed(11, last)
      await world.publish(world.atHub, 'in', 100, 100 + last)
      await world.send(11, 12)
    })
    await world.says('COPY', /deleted and created again/)
    await world.have({
      copy: numbers(1, 10),
      part: numbers(1, last),
      inbox: [...numbers(100, 100 + last), ...numbers(11, 12)],
    })
  })
}

test('restarted: nothing is lost or doubled', async () => {
  world = await World.begin()
  await world.restartHub()
  await world.feed(11, 12)
  await world.send(11, 12)
  await world.have({ copy: numbers(1, 12), part: numbers(1, 12), inbox: numbers(1, 12) })
})

test('restarted without its last seconds: the mirror goes back, what the hub has lost is not sent again', async () => {
  world = await World.begin()
  const backup = `${world.hub.store}-backup`
  await world.hub.end('SIGTERM')
  cpSync(world.hub.store, backup, { recursive: true })
  await world.hub.start()
  await world.hubIsBack()
  await world.feed(11, 14)
  await world.send(11, 14)
  await world.have({ copy: numbers(1, 14), part: numbers(1, 14), inbox: numbers(1, 14) })
  await world.hub.kill()
  rmSync(world.hub.store, { recursive: true })
  cpSync(backup, world.hub.store, { recursive: true })
  rmSync(backup, { recursive: true })
  await world.hub.start()
  await world.hubIsBack()
  await world.feed(21, 22)
  await world.send(15, 16)
  await world.have({
    copy: [...numbers(1, 10), ...numbers(21, 22)],
    part: [...numbers(1, 14), ...numbers(21, 22)],
    inbox: [...numbers(1, 10), ...numbers(15, 16)],
  })
})

test('consumer deleted: made again, without a hole', async () => {
  world = await World.begin()
  // The API does not list consumers of mirrors and sources: their deliveries name them.
  const names = new Set()
  const callback = (_, message) => {
    const tokens = message.reply?.split('.') ?? []
    if (tokens[1] === 'ACK') names.add(tokens.at(-6))
  }
  for (const subject of ['$JS.M.*', '$JS.S.*']) world.atHub.subscribe(subject, { callback })
  await world.feed(11, 11)
  await eventually('both consumers', () => names.size === 2)
  for (const name of names) await world.there.consumers.delete('FEED', name)
  await world.feed(12, 13)
  await world.have({ copy: numbers(1, 13), part: numbers(1, 13) })
})

for (const [title, millis] of [
  ['shorter', 1000],
  ['longer', 15_000],
]) {
  test(`a drop ${title} than the inactivity threshold of the consumer leaves no hole`, async () => {
    await whileAway(async () => {
      await world.feed(11, 12)
      await world.send(11, 12)
      await sleep(millis)
    })
    await world.have({ copy: numbers(1, 12), part: numbers(1, 12), inbox: numbers(1, 12) })
  })
}

test('permission withdrawn: said so, what may not go up becomes a dead letter; and given back', async () => {
  world = await World.begin()
  await world.restartHub('["$JS.hub.API.>", "in.>"]')
  await world.feed(11, 12)
  await world.send(11, 12)
  await world.says('COPY', /no right|does not say/)
  await world.says('PART', /no right/)
  await eventually('letters', async () => (await world.info('OUT')).refused === 2)
  const letters = await contents(world.here, 'OUT_REFUSED')
  assert.deepEqual(letters, [
    [1, '$FROND.REFUSED.OUT.11.in.11', '11'],
    [2, '$FROND.REFUSED.OUT.12.in.12', '12'],
  ])
  const letter = await world.here.streams.getMessage('OUT_REFUSED', { seq: 1 })
  assert.equal(letter.header.get('Frond-Subject'), 'in.11')
  assert.match(letter.header.get('Frond-Error'), /Permissions Violation for Publish to "in.11"/)
  const { messages } = await world.info('OUT', [10, 11])
  assert.deepEqual(messages[0], { seq: 10, state: 'stored', hubSequence: 10 })
  assert.equal(messages[1].state, 'refused')
  await world.restartHub()
  // Sent again, as docs/sync.md says.
  await jetstream(world.atLeaf).publish(letter.header.get('Frond-Subject'), letter.data)
  await world.here.streams.deleteMessage('OUT_REFUSED', 1)
  await world.have({
    copy: numbers(1, 12),
    part: numbers(1, 12),
    inbox: [...numbers(1, 10), '11'],
  })
})

test('too large for the hub: a dead letter, and the rest flows', async () => {
  world = await World.begin()
  await world.there.streams.update('INBOX', { max_msg_size: 500 })
  await jetstream(world.atLeaf).publish('in.large', 'x'.repeat(1000))
  await world.send(12, 13)
  await world.have({ inbox: [...numbers(1, 10), ...numbers(12, 13)] })
  const letter = await world.here.streams.getMessage('OUT_REFUSED', { seq: 1 })
  assert.equal(letter.subject, '$FROND.REFUSED.OUT.11.in.large')
  assert.equal(letter.header.get('Frond-Error-Code'), '10054')
})
