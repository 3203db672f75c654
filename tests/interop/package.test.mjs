// The npm package in Node.js (the engine as Wasm, a directory) as a leaf of a stock nats-server: a forward stream and a
// mirror over a cut, a kill -9 and a restart.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { eventually } from './eventually.mjs'
import { contents } from './joined_pair.mjs'
import { PackageProcess } from './package_child.mjs'
import { Relay } from './relay.mjs'
import { startHub, stock } from './server.mjs'

for (const version of ['2.15', '2.10']) {
  describe(`the package in Node.js joins nats-server ${version}`, () => {
    test('forward and mirror over a cut, a kill and a restart', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'frond-package-'))
      const hub = await startHub(stock(version))
      const relay = await new Relay(hub.ports[2]).start()
      const node = new PackageProcess(directory, `ws://127.0.0.1:${relay.port}`)
      const nc = await connect({ servers: hub.url })
      try {
        const jsm = await jetstreamManager(nc)
        const js = jetstream(nc)
        await jsm.streams.add({ name: 'ENTRIES', subjects: ['entries.>'] })
        await jsm.streams.add({ name: 'NEWS', subjects: ['news.>'] })
        await node.start()
        await node.do('stream', {
          config: { name: 'OUT', subjects: ['entries.>'], metadata: { 'frond.forward': 'hub' } },
        })
        await node.do('stream', {
          config: {
            name: 'NEWS_HERE',
            mirror: {
              name: 'NEWS',
              filter_subject: 'news.mine.>',
              external: { api: '$JS.hub.API' },
            },
          },
        })
        await eventually('the link', async () => (await node.do('status')).link.state === 'online')
        let written = 0
        const write = async (count) => {
          for (let i = 0; i < count; i++) {
            written += 1
            const seq = await node.do('publish', { subject: 'entries.a', body: `${written}` })
            assert.equal(seq, written)
          }
        }
        await write(5)
        await js.publish('news.mine.1', 'first')
        relay.cut()
        await write(10)
        await js.publish('news.other.1', 'not for us')
        await js.publish('news.mine.2', 'second')
        await node.kill()
        await node.start()
        const kept = await node.do('contents', { stream: 'OUT' })
        assert.deepEqual(
          kept.map(([, , body]) => Number(body)),
          range(written),
        )
        relay.restore()
        await eventually(
          'everything at the hub',
          async () => {
            return (await jsm.streams.info('ENTRIES')).state.messages >= written
          },
          60_000,
        )
        await sleep(500)
        const arrived = await contents(jsm, 'ENTRIES')
        assert.deepEqual(
          arrived.map(([, , body]) => Number(body)),
          range(written),
        )
        const news = await eventually(
          'the mirror',
          async () => {
            const all = await node.do('contents', { stream: 'NEWS_HERE' }).catch(() => [])
            return all.length === 2 && all
          },
          60_000,
        )
        assert.deepEqual(news, [
          [1, 'news.mine.1', 'first'],
          [3, 'news.mine.2', 'second'],
        ])
      } finally {
        await nc.close()
        await node.kill()
        relay.close()
        await hub.remove()
        rmSync(directory, { recursive: true, force: true })
      }
    })
  })
}

function range(count) {
  return Array.from({ length: count }, (_, i) => i + 1)
}
