// The package as apps get it from their bundlers: a linked package in Vite's development server, esbuild with
// the worker at another address, and plain module scripts without any bundler for the package itself.
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build as esbuild } from 'esbuild'
import { createServer } from 'vite'
import { own, project, works } from './support/bundled_app.mjs'
import { newProfile, startChromium } from './support/chromium.mjs'
import { serve } from './support/site.mjs'

const artifacts = fileURLToPath(new URL('.artifacts/bundlers', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
let profile
let browser
before(async () => {
  rmSync(artifacts, { recursive: true, force: true })
  profile = newProfile()
  browser = await startChromium(profile.path)
})
after(async () => {
  await browser.kill()
  profile.remove()
})

test('Vite serves it in development with the line that the readme names', async (t) => {
  const folder = project(artifacts, 'vite-dev', own)
  const server = await createServer({
    root: folder,
    logLevel: 'error',
    configFile: false,
    server: { port: 0, host: '127.0.0.1', fs: { allow: [root] } },
    optimizeDeps: { exclude: ['frond'], include: ['frond > @nats-io/nats-core'] },
  })
  await server.listen()
  t.after(() => server.close())
  const { port } = server.httpServer.address()
  await works(browser, `http://127.0.0.1:${port}/`)
})

test('esbuild bundles it; the worker lies elsewhere', async (t) => {
  const folder = project(artifacts, 'esbuild', '<script type="module" src="./out.js"></script>')
  await esbuild({
    entryPoints: [join(folder, 'app.js')],
    outfile: join(folder, 'out.js'),
    bundle: true,
    format: 'esm',
    minify: true,
    logLevel: 'error',
  })
  cpSync(join(root, 'js/dist/worker.js'), join(folder, 'static/worker.js'))
  cpSync(join(root, 'js/dist/frond.wasm'), join(folder, 'static/frond.wasm'))
  const site = await serve(folder)
  t.after(() => site.close())
  await works(browser, site.url, { workerUrl: '/static/worker.js' })
})

test('a plain module script imports the built files as they are', async (t) => {
  const folder = project(artifacts, 'plain', own)
  cpSync(join(root, 'js/dist'), join(folder, 'frond'), { recursive: true })
  // nats.js comes as CommonJS: the one thing that a page without a bundler has to have converted.
  for (const name of ['nats-core', 'jetstream']) {
    const names = Object.keys(await import(`@nats-io/${name}`)).filter(
      (key) => key !== 'default' && key !== 'module.exports' && key !== '__esModule',
    )
    const contents = `import * as all from '@nats-io/${name}'\nexport const { ${names.join(', ')} } = all`
    await esbuild({
      stdin: { contents, resolveDir: root },
      outfile: join(folder, `${name}.js`),
      bundle: true,
      format: 'esm',
      logLevel: 'error',
    })
  }
  const imports = {
    frond: './frond/index.js',
    '@nats-io/nats-core': './nats-core.js',
    '@nats-io/jetstream': './jetstream.js',
  }
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><link rel="icon" href="data:,"><title>app</title>
    <script type="importmap">${JSON.stringify({ imports })}</script>${own}`,
  )
  const site = await serve(folder, { headers: {} })
  t.after(() => site.close())
  await works(browser, site.url)
})
