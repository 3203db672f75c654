// The package where a framework runs the app's code more than once: Next.js, whose server never opens a node, and modules
// that are replaced while the page stays (HMR), also where there is no SharedWorker.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { eventually } from '../interop/eventually.mjs'
import { installPackage, installTools, tools } from './support/bundler_tools.mjs'
import { newProfile, startChromium } from './support/chromium.mjs'
import { sampleOf } from './support/samples.mjs'
import { serve } from './support/site.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const artifacts = fileURLToPath(new URL('.artifacts/frameworks', import.meta.url))

let profile
let browser
before(async () => {
  installTools()
  profile = newProfile()
  browser = await startChromium(profile.path)
})
after(async () => {
  await browser?.kill()
  profile?.remove()
})

function appFolder(folder, files) {
  rmSync(folder, { recursive: true, force: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  installPackage(folder)
  return folder
}

test('Next.js builds the hook of the guide, with nothing configured', async (t) => {
  // Beside the installed Next.js, as it looks for what it needs above the app only so far as the next lock.
  const folder = appFolder(join(tools, 'apps/next'), {
    'package.json': '{ "private": true }',
    'next.config.mjs':
      "export default { output: 'export', typescript: { ignoreBuildErrors: true } }",
    'app/node.tsx': sampleOf('Next.js', 'tsx'),
    'app/layout.tsx':
      'export default ({ children }) => <html lang="en"><body>{children}</body></html>',
    'app/page.tsx': `'use client'
      import { useNode } from './node'
      export default () => <p>{useNode() === undefined ? 'opening' : 'open'}</p>`,
  })
  for (const name of ['@nats-io/nats-core', '@nats-io/nkeys', '@nats-io/nuid', 'tweetnacl']) {
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), {
      recursive: true,
    })
  }
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
  const program = join(tools, 'node_modules/next/dist/bin/next')
  execFileSync(process.execPath, [program, 'build'], { cwd: folder, stdio: 'pipe', env })
  const html = readFileSync(join(folder, 'out/index.html'), 'utf8')
  assert.match(html, /<p>opening<\/p>/)
  const site = await serve(join(folder, 'out'), { headers: {} })
  t.after(() => site.close())
  const page = await browser.context.newPage()
  await page.goto(site.url)
  await page.waitForSelector('text=open >> nth=0')
  await eventually('an open node', async () => (await page.textContent('p')) === 'open', 30_000)
  await page.close()
})

const opensNode = (worker) => `import { open } from 'frond'
export const opening = open({ name: 'replaced', worker: '${worker}' })
opening.then(async (node) => {
  globalThis.node = node
  globalThis.opens = (globalThis.opens ?? 0) + 1
  globalThis.ready = true
}, (error) => { globalThis.failure = String(error) })
import.meta.hot.accept()
`

for (const { worker, goes } of [
  { worker: 'shared', goes: '' },
  {
    worker: 'dedicated',
    goes: 'import.meta.hot.dispose(async () => (await opening).close())\n',
  },
]) {
  test(`a module that opens the node is replaced and opens it again (${worker} worker)`, async (t) => {
    const text = opensNode(worker) + goes
    const folder = appFolder(join(artifacts, `hmr-${worker}`), {
      'app.js': text,
      'index.html':
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/app.js"></script>',
    })
    const server = await createServer({
      root: folder,
      cacheDir: join(folder, 'node_modules/.vite'),
      logLevel: 'error',
      configFile: false,
      server: { port: 0, host: '127.0.0.1', fs: { allow: [root] } },
    })
    await server.listen()
    t.after(() => server.close())
    const page = await browser.open(`http://127.0.0.1:${server.httpServer.address().port}/`)
    await page.evaluate(() => {
      globalThis.same = true
    })
    for (let round = 2; round <= 4; ++round) {
      writeFileSync(join(folder, 'app.js'), `${text}// ${round}\n`)
      await eventually('the new module', async () => {
        const { opens, failure } = await page.evaluate(() => ({
          opens,
          failure: globalThis.failure,
        }))
        assert.equal(failure, undefined)
        return opens === round
      })
    }
    const { same, kind } = await page.evaluate(async () => ({
      same: globalThis.same,
      kind: (await node.status()).storage.kind,
    }))
    assert.deepEqual({ same, kind }, { same: true, kind: 'indexeddb' })
    await page.close()
  })
}
