// Chromium with a profile on disk, started by ourselves so that it can be killed as a crash would: SIGKILL for the
// whole process group.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { killWithTests } from './processes.mjs'

const program = process.env.FROND_CHROMIUM ?? '/usr/bin/chromium'
const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
]
const startMillisMax = 30_000

export function newProfile() {
  const path = mkdtempSync(join(tmpdir(), 'frond-profile-'))
  const remove = () =>
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  return { path, remove }
}

/** Starts a browser on the profile; kill() is a crash, close() is not. */
export async function startChromium(profile, extraFlags = []) {
  const portFile = join(profile, 'DevToolsActivePort')
  rmSync(portFile, { force: true })
  const child = spawn(
    program,
    [...flags, ...extraFlags, `--user-data-dir=${profile}`, 'about:blank'],
    {
      detached: true,
      stdio: 'ignore',
    },
  )
  const running = killWithTests(child)
  const browser = await chromium.connectOverCDP(await endpoint(portFile))
  const [context] = browser.contexts()
  const kill = async () => {
    await running.kill()
    await browser.close().catch(() => undefined)
  }
  const close = async () => {
    const session = await browser.newBrowserCDPSession()
    await session.send('Browser.close').catch(() => undefined)
    await Promise.race([running.ended, sleep(10_000)])
    await kill()
  }
  const open = async (url) => {
    const page = await context.newPage()
    const problems = []
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    await page.goto(url)
    await page.waitForFunction(() => globalThis.ready === true)
    return Object.assign(page, { problems })
  }
  return { browser, context, open, kill, close }
}

async function endpoint(portFile) {
  const deadline = Date.now() + startMillisMax
  for (;;) {
    try {
      const [port] = readFileSync(portFile, 'utf8').split('\n')
      if (port) return `http://127.0.0.1:${port}`
    } catch {
      // Not yet written.
    }
    if (Date.now() > deadline) throw new Error(`Chromium did not start within ${startMillisMax} ms`)
    await sleep(50)
  }
}
