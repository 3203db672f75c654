// The package in apps of bundlers that the repository itself does not use: Vite 5 to 8, webpack and Rollup, of the
// versions in tests/bundlers, which are installed here once for each lock.
import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { own, project, works } from './support/bundled_app.mjs'
import { installPackage, installTools, resolved, tools } from './support/bundler_tools.mjs'
import { newProfile, startChromium } from './support/chromium.mjs'
import { serve } from './support/site.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const artifacts = fileURLToPath(new URL('.artifacts/other-bundlers', import.meta.url))
const byUrl = '<script type="module" src="./out/app.js"></script>'

let profile
let browser
before(async () => {
  installTools()
  rmSync(artifacts, { recursive: true, force: true })
  profile = newProfile()
  browser = await startChromium(profile.path)
})
after(async () => {
  await browser?.kill()
  profile?.remove()
})

const load = (name) => import(pathToFileURL(resolved.resolve(name)).href)
/** Vite's own entry, which differs between its CommonJS and its modules. */
const loadVite = (version) => {
  if (version === 8) return import('vite')
  const { main, exports } = resolved(`vite${version}/package.json`)
  const entry = exports['.'].import?.default ?? exports['.'].import ?? exports['.'] ?? main
  return import(pathToFileURL(join(tools, 'node_modules', `vite${version}`, entry)).href)
}

for (const version of [5, 6, 7, 8]) {
  test(`Vite ${version} builds it without any configuration`, async (t) => {
    const folder = project(artifacts, `vite${version}`, own)
    const { build } = await loadVite(version)
    await build({ root: folder, logLevel: 'error', configFile: false })
    const site = await serve(join(folder, 'dist'))
    t.after(() => site.close())
    await works(browser, site.url)
  })

  test(`Vite ${version} serves it in development; where it keeps the package elsewhere, with the line of the readme, which the error has`, async (t) => {
    const { createServer } = await loadVite(version)
    const line = { exclude: ['frond'], include: ['frond > @nats-io/nats-core'] }
    const start = async (name, cache, optimizeDeps) => {
      const folder = project(artifacts, `vite${version}-${name}`, own)
      installPackage(folder)
      const server = await createServer({
        root: folder,
        cacheDir: join(folder, cache, '.vite'),
        logLevel: 'error',
        configFile: false,
        server: { port: 0, host: '127.0.0.1', fs: { allow: [root] } },
        optimizeDeps,
      })
      await server.listen()
      t.after(() => server.close())
      return `http://127.0.0.1:${server.httpServer.address().port}/`
    }
    await works(browser, await start('dev', 'node_modules', {}))
    await works(browser, await start('dev-line', 'elsewhere', line))
    const page = await browser.open(await start('dev-plain', 'elsewhere', {}))
    const message = await page.evaluate(() =>
      open({ name: 'plain' }).then(
        () => 'opened',
        (error) => `${error.name}: ${error.message}`,
      ),
    )
    assert.match(
      message,
      /^WorkerError: .*\/elsewhere\/frond\/dist\/worker\.js: add optimizeDeps: /,
    )
    await page.close()
  })
}

test('webpack builds it without any configuration', async (t) => {
  const folder = project(artifacts, 'webpack', '<script type="module" src="./main.js"></script>')
  const { default: webpack } = await load('webpack')
  const options = {
    mode: 'production',
    context: folder,
    entry: './app.js',
    output: { path: folder },
    performance: false,
  }
  const stats = await new Promise((resolve, reject) => {
    webpack(options, (error, found) => (error ? reject(error) : resolve(found)))
  })
  assert.equal(stats.hasErrors(), false, stats.toString())
  const site = await serve(folder)
  t.after(() => site.close())
  await works(browser, site.url)
})

test('Rollup builds it, and the two files are copied beside it', async (t) => {
  const folder = project(artifacts, 'rollup', byUrl)
  const { rollup } = await load('rollup')
  const { default: resolve } = await load('@rollup/plugin-node-resolve')
  const { default: commonjs } = await load('@rollup/plugin-commonjs')
  const bundle = await rollup({
    input: join(folder, 'app.js'),
    plugins: [resolve({ browser: true }), commonjs()],
    onwarn: () => undefined,
  })
  await bundle.write({ dir: join(folder, 'out'), format: 'es' })
  for (const name of ['worker.js', 'frond.wasm']) {
    cpSync(join(root, 'js/dist', name), join(folder, 'out', name))
  }
  const site = await serve(folder)
  t.after(() => site.close())
  await works(browser, site.url)
})
