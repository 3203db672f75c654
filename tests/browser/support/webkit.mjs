// Debian's WebKitGTK, spoken to by its WebDriver over HTTP, on a screen of its own (Xvfb).
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../interop/server.mjs'
import { killWithTests } from './processes.mjs'

export const webkitProgram = '/usr/bin/WebKitWebDriver'
const browserProgram = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'
const startMillisMax = 60_000

/** A screen of its own, and what a program on it gets as its environment, with the profile's folders as its home. */
async function screenFor(profile) {
  const display = `:${100 + ((await freePort()) % 50_000)}`
  const screen = killWithTests(
    spawn('Xvfb', [display, '-nolisten', 'tcp'], { detached: true, stdio: 'ignore' }),
  )
  const env = {
    ...process.env,
    DISPLAY: display,
    HOME: profile,
    XDG_DATA_HOME: profile,
    XDG_CACHE_HOME: profile,
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
  }
  return { screen, env }
}

/** Opens one page, without automation: then what it stores is kept. The page must tell by itself how it goes. */
export async function showInWebKit(profile, url) {
  const { screen, env } = await screenFor(profile)
  await sleep(500) // The screen says nothing when it is there.
  const browser = spawn(browserProgram, [url], { detached: true, stdio: 'ignore', env })
  const running = killWithTests(browser)
  const kill = async () => {
    await running.kill()
    await screen.kill()
  }
  return { kill }
}

/** Starts it under automation; kill() is a crash. */
export async function startWebKit(profile) {
  const port = await freePort()
  const { screen, env } = await screenFor(profile)
  const driver = spawn(webkitProgram, [`--port=${port}`], { detached: true, stdio: 'ignore', env })
  const running = killWithTests(driver)
  const kill = async () => {
    await running.kill()
    await screen.kill()
  }
  const ask = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body && JSON.stringify(body),
    })
    const { value } = await response.json()
    if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`)
    return value
  }
  const { sessionId } = await started(() =>
    ask('POST', '/session', {
      capabilities: {
        alwaysMatch: {
          timeouts: { script: 60_000 },
          'webkitgtk:browserOptions': { binary: browserProgram, args: ['--automation'] },
        },
      },
    }),
  )
  const inSession = (method, path, body) => ask(method, `/session/${sessionId}${path}`, body)
  let first = true
  const open = async (url) => {
    const handle = first
      ? await inSession('GET', '/window')
      : (await inSession('POST', '/window/new', { type: 'tab' })).handle
    first = false
    const here = () => inSession('POST', '/window', { handle })
    const load = async () => {
      await here()
      await inSession('POST', '/url', { url })
    }
    await load()
    return {
      reload: load,
      evaluate: async (work, given = null) => {
        await here()
        const script = `const [given, done] = arguments
          Promise.resolve((${work})(JSON.parse(given)))
            .then((value) => done(JSON.stringify({ value: value ?? null })))
            .catch((error) => done(JSON.stringify({ error: String(error) })))`
        const args = [JSON.stringify(given)]
        const { value, error } = JSON.parse(
          await inSession('POST', '/execute/async', { script, args }),
        )
        if (error !== undefined) throw new Error(error)
        return value
      },
      // The session ends with its last window.
      close: async () => {
        await here()
        await inSession('POST', '/url', { url: 'about:blank' })
      },
    }
  }
  return { open, kill }
}

async function started(begin) {
  const deadline = Date.now() + startMillisMax
  for (;;) {
    try {
      return await begin()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(200)
    }
  }
}
