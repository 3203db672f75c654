// Two servers under the same clients, turn by turn: starts one server with its store in a folder of its own and puts
// client processes (throughput_client.mjs) to it. Used by the benchmark and by the check of the speed budget.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const client = join(root, 'tests/bench/support/throughput_client.mjs')
const patience = 120_000

export const frondServer = join(root, 'build/release/server/frond-server')

/** The newest stock nats-server that setup has unpacked. */
export function stockServer() {
  const given = process.env.NATS_SERVER
  if (given) return given
  const list = join(root, '.tools/nats-servers.json')
  if (!existsSync(list))
    throw new Error('no stock nats-server: run `npm run setup`, or set NATS_SERVER')
  const found = JSON.parse(readFileSync(list, 'utf8'))
  found.sort((a, b) => b.version.localeCompare(a.version, undefined, { numeric: true }))
  return join(root, '.tools', found[0].path)
}

/** Starts a client process; `ready` and `result` are what it says. */
function startClient(role, port, { bytes, count }) {
  const child = spawn(process.execPath, [client, role, port, bytes, count].map(String), {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let readied
  const ready = new Promise((resolve) => (readied = resolve))
  const result = new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${role} took longer than ${patience / 1_000} s`))
    }, patience)
    let last
    createInterface({ input: child.stdout }).on('line', (line) => {
      last = JSON.parse(line)
      if (last === 'ready') readied()
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      readied()
      code === 0 ? resolve(last) : reject(new Error(`${role} ended with ${code}`))
    })
  })
  return { ready, result }
}

export async function startServer({ binary, sync }) {
  const folder = mkdtempSync(join(tmpdir(), 'frond-bench-'))
  const config = join(folder, 'server.conf')
  writeFileSync(
    config,
    `host: 127.0.0.1\nport: -1\nports_file_dir: "${folder}"\nlog_file: "${folder}/log"\njetstream { store_dir: "${folder}/js", sync_interval: ${sync} }\n`,
  )
  const child = spawn(binary, ['-c', config], { stdio: 'ignore' })
  const ports = join(folder, `${binary.split('/').pop()}_${child.pid}.ports`)
  for (let i = 0; !existsSync(ports); ++i) {
    if (i > 200 || child.exitCode !== null) throw new Error(`${binary} did not start`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  await new Promise((resolve) => setTimeout(resolve, 50))
  const port = Number(new URL(JSON.parse(readFileSync(ports, 'utf8')).nats[0]).port)
  const stop = async () => {
    const gone = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGTERM')
    await gone
    rmSync(folder, { recursive: true, force: true })
  }
  return { port, stop }
}

/** One case ({ roles, bytes, count, field? }) against the server on `port`: its figure. */
export async function measure(port, one) {
  const first = startClient(one.roles[0], port, one)
  if (one.roles.length > 1) {
    await first.ready
    await startClient(one.roles[1], port, one).result
  }
  return (await first.result)[one.field ?? 'perSecond']
}
