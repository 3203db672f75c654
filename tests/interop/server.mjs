// One server process of a test: stock nats-server or frond-server, on free ports, with a store directory of its own.
// Whatever a test does, the process is gone when the test process is.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect as connectTcp, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

const running = new Set()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
// The test runner ends what takes too long by a signal, and 'exit' comes only of process.exit().
process.once('SIGTERM', () => process.exit(1))

/** [{ version, path }] of the stock servers that setup has unpacked. */
export function stockServers() {
  const list = join(root, '.tools/nats-servers.json')
  if (!existsSync(list)) throw new Error('no nats-server in .tools: run `npm run setup`')
  return JSON.parse(readFileSync(list, 'utf8')).map((row) => ({
    version: row.version,
    path: join(root, '.tools', row.path),
  }))
}

/** A stock server by the begin of its version, "2.15" or "2.10". Debian's sid moves on: what came after 2.15 stands in. */
export function stock(version) {
  const rows = stockServers()
  const newest = version === '2.15' ? rows[0] : undefined
  const found = rows.find((row) => row.version.startsWith(`${version}.`)) ?? newest
  if (!found) throw new Error(`no nats-server ${version} in .tools`)
  return found.path
}

export const frond =
  process.env.FROND_SERVER_BINARY ?? join(root, 'build/release/server/frond-server')

export async function freePort() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

async function answers(port) {
  const socket = connectTcp(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

export class Server {
  #child
  #log = ''

  /** `conf` names a file beside this one, or is an absolute path; `env` holds its variables; `ports` the ones that must answer. */
  constructor({ binary, conf, name, env, ports }) {
    Object.assign(this, { binary, conf, name, env, ports })
    this.store = mkdtempSync(join(tmpdir(), 'frond-interop-'))
  }

  async start() {
    const args = ['-c', resolve(here, this.conf), '-sd', this.store, '-n', this.name]
    const child = spawn(this.binary, args, {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    running.add(child)
    child.once('exit', () => running.delete(child))
    child.on('error', (error) => {
      this.#log += `${error}\n`
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        this.#log += data
      })
    }
    const deadline = Date.now() + 10_000
    for (const port of this.ports) {
      while (!(await answers(port))) {
        if (Date.now() > deadline || child.exitCode !== null || child.pid === undefined) {
          throw new Error(`${this.binary} does not answer on ${port}:\n${this.#log}`)
        }
        await sleep(20)
      }
    }
    return this
  }

  get log() {
    return this.#log
  }
  get url() {
    return `nats://127.0.0.1:${this.ports[0]}`
  }

  signal(name) {
    this.#child.kill(name)
  }

  async end(signal) {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    if ((await Promise.race([exited, sleep(5000, 'late')])) === 'late') {
      child.kill('SIGKILL')
      await exited
    }
  }
  /** As a power cut of the process: nothing is flushed. */
  kill() {
    return this.end('SIGKILL')
  }
  async remove() {
    await this.end('SIGKILL')
    rmSync(this.store, { recursive: true, force: true })
  }
}

/** A hub with leaf and WebSocket listeners; `ports` = [client, leaf, WebSocket]. */
export async function startHub(binary, { compression = false } = {}) {
  const ports = [await freePort(), await freePort(), await freePort()]
  const env = {
    HUB_PORT: ports[0],
    HUB_LEAF_PORT: ports[1],
    HUB_WS_PORT: ports[2],
    HUB_WS_COMPRESSION: compression,
  }
  return new Server({ binary, conf: 'hub.conf', name: 'hub', env, ports }).start()
}

export async function startAlone(binary) {
  const ports = [await freePort()]
  const env = { HUB_PORT: ports[0] }
  return new Server({ binary, conf: 'alone.conf', name: 'alone', env, ports }).start()
}

/** A leaf of the hub behind `url`, for example ws://leaf:secret@127.0.0.1:4280/leafnode. */
export async function startLeaf(binary, url) {
  const ports = [await freePort()]
  const env = { LEAF_PORT: ports[0], LEAF_REMOTE: url }
  return new Server({ binary, conf: 'leaf.conf', name: 'edge1', env, ports }).start()
}
