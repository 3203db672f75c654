// `npm start`: builds what is missing, starts the hub (frond-server) and serves the demo page until Ctrl-C.
// FROND_PAGE_PORT sets another port for the page (0: any free one).
import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { buildDemo, buildNative } from './build.mjs'
import { logs, root, server } from './paths.mjs'
import { setUp } from './setup.mjs'
import { servePage } from './start/page_server.mjs'
import { main, StepError, say, seconds } from './terminal.mjs'

const pagePort = Number(process.env.FROND_PAGE_PORT ?? 4200)
// The demo page looks for its hub here (demo/src/hub.ts).
const clientPort = 4222
const websocketPort = 4280
const hubReadyMs = 10_000

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.destroy(resolve(true)))
    socket.once('error', () => resolve(false))
  })
}

/** Starts frond-server on its data in .frond/hub and resolves when its WebSocket port answers. */
async function startHub() {
  for (const port of [clientPort, websocketPort]) {
    if (await answers(port)) {
      throw new StepError(
        `Port ${port} is taken: does another hub or \`npm start\` run on this machine?`,
      )
    }
  }
  const data = join(root, '.frond/hub')
  const log = join(logs, 'hub.log')
  for (const folder of [data, logs]) mkdirSync(folder, { recursive: true })
  const out = openSync(log, 'w')
  const words = ['-c', join(root, 'demo/hub/nats-server.conf'), '-sd', data]
  // Its own process group: at Ctrl-C the terminal signals ours, and we end the hub in order.
  const hub = spawn(server, words, { stdio: ['ignore', out, out], detached: true })
  let ended = false
  hub.once('exit', () => {
    ended = true
  })
  const deadline = performance.now() + hubReadyMs
  while (!(await answers(websocketPort))) {
    if (ended || performance.now() > deadline) {
      if (!ended) hub.kill('SIGKILL')
      throw new StepError(`The hub did not come up:\n${readFileSync(log, 'utf8').slice(-4000)}`)
    }
    await wait(20)
  }
  return hub
}

main(async () => {
  const began = performance.now()
  await setUp({ tests: false })
  await buildNative()
  await buildDemo()
  const hub = await startHub()
  let page
  try {
    page = await servePage(join(root, 'demo/dist'), pagePort)
  } catch (error) {
    hub.kill('SIGTERM')
    if (error.code !== 'EADDRINUSE') throw error
    throw new StepError(
      `Port ${pagePort} is taken; FROND_PAGE_PORT=<another> npm start serves the page there.`,
    )
  }
  say(`\n  Frond is up (${seconds(began)}).`)
  say(`  Open  http://localhost:${page.address().port}/`)
  say(
    `  Hub   nats://localhost:${clientPort}, leaf nodes at ws://localhost:${websocketPort}/leafnode; its log: build/logs/hub.log`,
  )
  say('  Ctrl-C ends both.')
  const code = await new Promise((resolve) => {
    const stop = () => hub.kill('SIGTERM')
    process.once('SIGINT', stop).once('SIGTERM', stop)
    hub.once('exit', (status, signal) => resolve(signal === 'SIGTERM' || status === 0 ? 0 : 1))
  })
  if (code !== 0) say('The hub ended by itself; see build/logs/hub.log.')
  page.closeAllConnections()
  page.close()
  return code
})
