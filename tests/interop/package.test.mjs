// The npm package in Node.js (the engine as Wasm, a directory) as a leaf of a stock nats-server: a forward stream and a
// mirror over a cut, a kill -9 and a restart.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { eventually } from './eventually.mjs'
import { contents } from './joined_pair.mjs'
import { Relay } from './relay.mjs'
import { startHub, stock } from './server.mjs'

const program = fileURLToPath(new URL('package_process.mjs', import.meta.url))

/** The other process, spoken to in lines of JSON. */
class PackageProcess {
  #child
  #waiting = new Map()
  #next = 1

  constructor(directory, url) {
    Object.assign(this, { directory, url })
  }

  async start() {
    const child = spawn(process.execPath, [program, this.directory, this.url], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child = child
    process.once('exit', () => child.kill('SIGKILL'))
    const opened = this.#answer(0)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, result, error } = JSON.parse(line)
      const { resolve, reject } = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error) reject(new Error(error))
      else resolve(result)
    })
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the process has ended'))
      this.#waiting.clear()
    })
    await opened
    return this
  }

  #answer(id) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no answer from the process')), 15_000)
      const settle = (end) => (value) => {
        clearTimeout(timer)
        end(value)
      }
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
    })
  }

  /** What the command results in. */
  do(name, fields = {}) {
    const id = this.#next++
    const answer = this.#answer(id)
    this.#child.stdin.write(`${JSON.stringify({ id, do: name, ...fields })}\n`)
    return answer
  }

  async kill() {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}

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
