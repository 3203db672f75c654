// Debian's Firefox, spoken to by WebDriver BiDi over its own socket: as much as opening a page and calling a function in
// it takes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { killWithTests } from './processes.mjs'

export const firefoxProgram = process.env.FROND_FIREFOX ?? '/usr/bin/firefox-esr'
const startMillisMax = 60_000

/** Starts it on the profile; kill() is a crash. */
export async function startFirefox(profile) {
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0']
  const child = spawn(firefoxProgram, args, {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: profile, MOZ_DISABLE_CONTENT_SANDBOX: '1' },
  })
  const { kill } = killWithTests(child)
  const socket = new WebSocket(`${await endpoint(child)}/session`)
  await once(socket, 'open')
  const session = new Session(socket)
  await session.send('session.new', { capabilities: {} })
  const open = async (url) => {
    const { context } = await session.send('browsingContext.create', { type: 'tab' })
    const load = () => session.send('browsingContext.navigate', { context, url, wait: 'complete' })
    await load()
    return {
      evaluate: (work, given) => session.call(context, work, given),
      reload: load,
      close: () => session.send('browsingContext.close', { context }),
    }
  }
  return { open, kill }
}

async function endpoint(child) {
  const timer = setTimeout(() => child.kill('SIGKILL'), startMillisMax)
  const said = []
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line)
    const found = /WebDriver BiDi listening on (ws:\S+)/.exec(line)
    if (found === null) continue
    clearTimeout(timer)
    child.stderr.resume()
    return found[1]
  }
  throw new Error(`Firefox did not start:\n${said.join('\n')}`)
}

class Session {
  #socket
  #waiting = new Map()
  #last = 0

  constructor(socket) {
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (data) => {
      const { id, type, result, message } = JSON.parse(data)
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (type === 'error') waiting?.reject(new Error(message))
      else waiting?.resolve(result)
    })
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Firefox has gone'))
    })
  }

  send(method, params) {
    const id = ++this.#last
    this.#socket.send(JSON.stringify({ id, method, params }))
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  /** What the function, given one value of JSON, resolves to. */
  async call(context, work, given = null) {
    const { result, exceptionDetails } = await this.send('script.callFunction', {
      functionDeclaration: `async (given) => JSON.stringify(await (${work})(JSON.parse(given)) ?? null)`,
      arguments: [{ type: 'string', value: JSON.stringify(given) }],
      target: { context },
      awaitPromise: true,
    })
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text)
    return JSON.parse(result.value)
  }
}
