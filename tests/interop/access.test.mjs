// Who is let in: some hundred configurations made by chance, read by nats-server and by frond-server, and logins tried
// on both. Frond may refuse to start where its documentation says so (docs/features.md), and never lets in whom
// nats-server refuses.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { configuration } from './access_configs.mjs'
import { freePort, frond, stock, stockServers } from './server.mjs'

const seeds = 300
const loginSeeds = 80
const folder = mkdtempSync(join(tmpdir(), 'frond-access-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What Frond refuses by its documentation though nats-server would start. */
const documented =
  /not supported|there twice|given twice|needs a user|has no name|token is empty|one account|another account|only the system account|is empty|is not in accounts/

function writeConf(seed) {
  const conf = configuration(seed)
  const path = join(folder, `${seed}`)
  const file = `${path}.conf`
  writeFileSync(file, conf.text.replace('./included.conf', `./${seed}.included`))
  if (conf.included !== undefined) writeFileSync(`${path}.included`, conf.included)
  return { ...conf, seed, file }
}

async function checked(binary, conf) {
  const child = spawn(binary, ['-t', '-c', conf.file], {
    env: { ...process.env, ...conf.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
  const [code] = await once(child, 'close')
  return { good: code === 0, said }
}

/** Runs the server with a configuration; undefined when it does not start. */
async function running(binary, conf, use) {
  const port = await freePort()
  const child = spawn(binary, ['-c', conf.file, '-a', '127.0.0.1', '-p', String(port)], {
    env: { ...process.env, ...conf.env },
    stdio: 'ignore',
  })
  try {
    for (let tries = 0; child.exitCode === null && tries < 500; tries++) {
      if ((await attempt(port, undefined, 'INFO')) === 'in') return await use(port)
      await sleep(10)
    }
    assert.notEqual(child.exitCode, null, 'it listens or ends')
    return undefined
  } finally {
    child.kill('SIGKILL')
  }
}

/** 'in' when the server answers PING behind this CONNECT, or behind none. */
function attempt(port, login, sign = 'PONG') {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1')
    let said = ''
    const end = (result) => {
      socket.destroy()
      clearTimeout(timer)
      resolve(result)
    }
    const timer = setTimeout(() => end('silent'), 5000)
    socket.on('error', () => end('out'))
    socket.on('close', () => end('out'))
    socket.on('data', (data) => {
      const first = said === ''
      said += data
      if (said.includes(sign)) end('in')
      else if (said.includes('-ERR')) end('out')
      else if (first) {
        const connect = login && `CONNECT ${JSON.stringify({ verbose: false, ...login })}\r\n`
        socket.write(`${connect ?? ''}PING\r\n`)
      }
    })
  })
}

async function inTurns(list, run, width = 4) {
  const rest = [...list]
  const worker = async () => {
    while (rest.length > 0) await run(rest.shift())
  }
  await Promise.all(Array.from({ length: width }, worker))
}

const show = (conf) =>
  `seed ${conf.seed}:\n${conf.text}${conf.included ?? ''}${JSON.stringify(conf.env)}`

test(`${seeds} configurations start as nats-server starts, or not at all`, async () => {
  const binaries = stockServers().map((row) => row.path)
  let started = 0
  await inTurns(
    Array.from({ length: seeds }, (_, i) => writeConf(i + 1)),
    async (conf) => {
      const own = await checked(frond, conf)
      const theirs = await Promise.all(binaries.map((binary) => checked(binary, conf)))
      if (own.good) {
        started++
        assert.ok(!conf.doubled, `nothing about access may be said twice: ${show(conf)}`)
        assert.ok(theirs[0].good, `only Frond starts with ${show(conf)}\n${theirs[0].said}`)
        return
      }
      assert.match(own.said, /\.(conf|included):\d+: /, 'the error names file and line')
      if (!theirs.some((one) => one.good) || documented.test(own.said)) return
      // What -t does not look at, the start does.
      const starts = await running(binaries[0], conf, () => true)
      assert.equal(starts, undefined, `only nats-server starts with ${show(conf)}\n${own.said}`)
    },
  )
  assert.ok(started > seeds / 5, `${started} configurations were good ones`)
})

test('a configuration that cannot be read, or says nothing, starts no server', async () => {
  const file = (name, text) => {
    writeFileSync(join(folder, name), text)
    return { file: join(folder, name), env: {} }
  }
  const bad = [
    { file: folder, env: {} },
    { file: join(folder, 'nowhere.conf'), env: {} },
    { file: '/proc/self/mem', env: {} },
    file('empty.conf', ''),
    file('comment.conf', '# authorization { user: a, password: b }\n'),
    file('folder.conf', 'max_payload: 64KB\nauthorization { include ./ }\n'),
    file('missing.conf', 'max_payload: 64KB\nauthorization { include nowhere.conf }\n'),
  ]
  for (const conf of bad) {
    for (const binary of [frond, stock('2.15')]) {
      assert.equal((await checked(binary, conf)).good, false, `${binary} takes ${conf.file}`)
    }
    assert.equal(await running(frond, conf, () => true), undefined, conf.file)
  }
})

test('whoever nats-server lets in, and nobody else', async () => {
  const newest = stock('2.15')
  let tried = 0
  await inTurns(
    Array.from({ length: loginSeeds }, (_, i) => writeConf(i + 1)),
    async (conf) => {
      if (!(await checked(frond, conf)).good) return
      const all = async (port) => {
        const results = []
        await inTurns(conf.logins.entries(), async ([i, login]) => {
          results[i] = await attempt(port, login)
        })
        return results
      }
      const [own, theirs] = await Promise.all([
        running(frond, conf, all),
        running(newest, conf, all),
      ])
      assert.ok(own && theirs, `both start with ${show(conf)}`)
      for (const [i, login] of conf.logins.entries()) {
        tried++
        // Frond lets nobody into the system's account; one called SYS is taken for it (docs/features.md).
        if (login?.user === 'sys' && own[i] === 'out') continue
        assert.equal(own[i], theirs[i], `${JSON.stringify(login)} with ${show(conf)}`)
      }
    },
  )
  assert.ok(tried > loginSeeds, `${tried} logins`)
})
