// Every sample of the package's README and of the guide: compiled in a strict project, and run, in a page or in Node.js,
// beside the hub that the README has the reader start.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { createUser, encodeUser, fromSeed } from '@nats-io/jwt'
import { Kvm } from '@nats-io/kv'
import { connect, jwtAuthenticator } from '@nats-io/transport-node'
import { build } from 'esbuild'
import { eventually } from '../interop/eventually.mjs'
import { freePort, Server, stock } from '../interop/server.mjs'
import { newProfile, startChromium } from './support/chromium.mjs'
import { sampleOf, samples } from './support/samples.mjs'
import { buildSite, serve } from './support/site.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = fileURLToPath(new URL('.artifacts/samples', import.meta.url))
const hubTitle = 'The hub in five minutes'
const productionTitle = 'A hub in production'
const jwtTitle = 'A JWT for each user'
const loginTitle = 'Credentials at the login'

let site
let browser
let profile
let hub
let atHub
const ports = {}
before(async () => {
  rmSync(folder, { recursive: true, force: true })
  await buildSite('samples')
  site = await serve(folder)
  profile = newProfile()
  const flags = ['--ignore-certificate-errors', '--host-resolver-rules=MAP *.example.com 127.0.0.1']
  browser = await startChromium(profile.path, flags)
  for (const port of [4222, 7422, 4280]) ports[port] = await freePort()
  hub = await startServer('hub', here(sampleOf(hubTitle, 'conf')), ports[4222])
  atHub = await connect({ servers: hub.url, user: 'backend', pass: 'backend-secret' })
})
after(async () => {
  await atHub?.close()
  await hub?.remove()
  await browser?.kill()
  profile?.remove()
  await site?.close()
})

/** A stock server with a configuration of the pages; -sd says where it stores. */
async function startServer(name, text, port) {
  const conf = join(folder, `${name}.conf`)
  writeFileSync(conf, text.replace(/store_dir: "[^"]*",?/, ''))
  const server = new Server({ binary: stock('2.15'), conf, name, env: {}, ports: [port] })
  return server.start()
}

/** With this test's ports in place of the standard ones. */
function here(text) {
  return text.replace(/\b(4222|7422|4280)\b/g, (port) => ports[port])
}

let count = 0
/** Runs a program in a page of an origin of its own; `printed` is what it has logged. */
async function run(program, host = `s${count + 1}`) {
  const name = `s${++count}`
  await build({
    stdin: { contents: here(program), resolveDir: root, loader: 'tsx' },
    outfile: join(folder, `${name}.js`),
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
    logLevel: 'error',
  })
  const script = `<script type="module" src="${name}.js"></script>`
  writeFileSync(
    join(folder, `${name}.html`),
    `<!doctype html><link rel="icon" href="data:,"><body>${script}`,
  )
  const page = await browser.context.newPage()
  const printed = []
  page.on('console', (message) => printed.push(message.text().trim()))
  page.on('pageerror', (error) => printed.push(`uncaught: ${error}`))
  await page.goto(`${site.url.replace('localhost', `${host}.localhost`)}${name}.html`)
  const prints = (line) =>
    eventually(`"${line}" among ${JSON.stringify(printed)}`, () => printed.includes(line), 60_000)
  return { page, printed, prints }
}

/** Runs a program in Node.js. */
function runHere(program) {
  const file = join(folder, `n${++count}.mjs`)
  writeFileSync(file, here(program))
  execFileSync(process.execPath, [file], { cwd: root, stdio: 'pipe', timeout: 20_000 })
}

const stored = async (stream) => (await (await jetstreamManager(atHub)).streams.info(stream)).state

/** What each section's program does. Those that use the hub's streams come after the one that makes them. */
const checks = {
  'First page': async ({ prints }) => prints('NOTES 1'),
  'A to-do list': async ({ page }) => {
    const items = () => page.$$eval('li', (all) => all.map((each) => each.textContent))
    await eventually('one item', async () => (await items()).join() === 'make tea')
  },
  [hubTitle]: async ({ prints }) => {
    await prints('link online')
    await eventually('the order', async () => (await stored('ORDERS')).messages === 1)
    await prints('ORDERS_OUT 0')
    await jetstream(atHub).publish('prices.eu.tea', '3')
    await jetstream(atHub).publish('prices.us.tea', '4')
    await prints('prices.eu.tea 3')
  },
  'In an app': async () => {
    const before = orders
    await eventually('the order', async () => (await stored('ORDERS')).messages > before)
  },
  'A bucket on many devices': async ({ prints }) => {
    await prints('shop milk')
    const tasks = await new Kvm(jetstream(atHub)).open('tasks')
    await tasks.put('from.another', 'bread')
    await prints('from.another bread')
    await tasks.delete('from.another')
    await prints('from.another gone')
  },
  'A form that works offline': async ({ prints, page }) => {
    await prints('all sent 0')
    const before = (await stored('ORDERS')).messages
    // The same page once more: the form's id is one of the last two minutes.
    await page.reload()
    await eventually('the second run', () =>
      page.evaluate(() => document.readyState === 'complete'),
    )
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    assert.equal((await stored('ORDERS')).messages, before)
  },
  Chat: async ({ prints }) => {
    await prints('1 me hello')
    await jetstream(atHub).publish('chat.garden.other', 'hi')
    await prints('2 other hi')
  },
  'Tasks of one user': async () => {
    const tasks = await new Kvm(jetstream(atHub)).open('tasks')
    await eventually('what was written', async () => {
      const [shop, call] = [await tasks.get('ann.shop'), await tasks.get('ann.call')]
      return shop?.string() === 'milk' && call?.operation === 'DEL'
    })
  },
  'Work shared among devices': async ({ prints }) => {
    await jetstream(atHub).publish('jobs.1', 'dishes')
    await prints('working on dishes')
    await eventually('an empty queue', async () => (await stored('JOBS')).messages === 0)
  },
  'A service in a page': async ({ prints }) => prints('hello Ann'),
  React: async ({ page }) => {
    await page.click('button')
    await page.waitForSelector('li')
    await page.reload()
    await page.waitForSelector('li')
    assert.equal(await page.$$eval('li', (all) => all.length), 1)
  },
  'Next.js': async ({ printed }) => assert.deepEqual(printed, []),
  'The first query': async ({ prints }) => {
    await prints('Coffee 4')
    await prints('Tea 3.5')
    await prints('cold 1 1.2')
    await prints('hot 2 3.75')
  },
  'Live queries': async ({ prints }) => {
    await prints('make tea, call Ann')
    await prints('2 open')
    await prints('call Ann')
    await prints('removed $KV.tasks.a')
    await prints('1 open')
  },
  'With a schema': async ({ prints }) => {
    await prints('Rome 2026')
    await prints('RequestError')
  },
  'TanStack DB, and React': async ({ page }) => {
    const count = (wanted) =>
      eventually(`${wanted} tasks`, () => page.$$eval('li', (all, n) => all.length === n, wanted))
    await page.click('button')
    await count(1)
    await page.click('button')
    await count(2)
    await page.click('li')
    await count(1)
    await page.reload()
    await count(1)
    assert.equal(await page.textContent('li'), 'make tea')
  },
  Indexes: async ({ prints }) => prints('2 2 city,total'),
  'Testing offline': async ({ prints }) => {
    await prints('1')
    await prints('0')
  },
}

let orders = 0

/** What the text of a section says must be at the hub. */
const prepare = {
  'In an app': async () => {
    orders = (await stored('ORDERS')).messages
  },
  'A bucket on many devices': () => new Kvm(jetstream(atHub)).create('tasks'),
  Chat: async () =>
    (await jetstreamManager(atHub)).streams.add({ name: 'CHAT', subjects: ['chat.>'] }),
}

test('the samples compile in a strict project', () => {
  const project = join(folder, 'types')
  mkdirSync(project, { recursive: true })
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    module: 'ESNext',
    moduleResolution: 'bundler',
    jsx: 'react-jsx',
    types: [],
    skipLibCheck: true,
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  const typed = samples().filter(({ lang }) => lang === 'ts' || lang === 'tsx')
  for (const [i, { text, lang }] of typed.entries()) {
    writeFileSync(join(project, `sample_${i}.${lang}`), text)
  }
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', project], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stdout)
})

test('no sample is of a kind that is not run', () => {
  for (const { title, lang } of samples()) {
    if (lang === 'conf') assert.ok([hubTitle, productionTitle, jwtTitle].includes(title), title)
    else assert.ok(['ts', 'tsx', 'js'].includes(lang), `${title}: ${lang}`)
    if (lang === 'ts' || lang === 'tsx') assert.ok(title in checks || title === loginTitle, title)
  }
})

for (const title of Object.keys(checks)) {
  test(`the sample of "${title}" does what it says`, async () => {
    const own = samples().filter((sample) => sample.title === title)
    assert.ok(own.length > 0)
    await prepare[title]?.()
    for (const { lang, text } of own) if (lang === 'js') runHere(text)
    const program = own.filter(({ lang }) => lang === 'ts' || lang === 'tsx')
    const running = await run(program.map(({ text }) => text).join('\n'))
    await checks[title](running)
    assert.deepEqual(
      running.printed.filter((line) => line.startsWith('uncaught')),
      [],
    )
    await running.page.close()
  })
}

/** A hub of the page's configuration with a certificate of its own, for pages of `origin`. */
async function startProduction(t, title, origin) {
  const [client, leaf, websocket] = [await freePort(), await freePort(), await freePort()]
  const [key, certificate] = [join(folder, 'hub.key'), join(folder, 'hub.crt')]
  const asked = `req -x509 -newkey rsa:2048 -nodes -subj /CN=hub.example.com -days 2 -keyout ${key} -out ${certificate}`
  execFileSync('openssl', asked.split(' '), { stdio: 'pipe' })
  const text = sampleOf(title, 'conf')
    .replace('4222', client)
    .replace('7422', leaf)
    .replace('443', websocket)
    .replace('/etc/nats/hub.crt', certificate)
    .replace('/etc/nats/hub.key', key)
    .replace('https://app.example.com', origin)
  const started = await startServer(`production-${websocket}`, text, websocket)
  t.after(() => started.remove())
  return { websocket, url: `nats://127.0.0.1:${client}` }
}

const originOf = (host) => site.url.replace('localhost', `${host}.localhost`).replace(/\/$/, '')

test('the hub in production takes this user of this origin over TLS, and no other origin', async (t) => {
  const { websocket } = await startProduction(t, productionTitle, originOf('allowed'))
  const program = `import { open } from 'frond'
    const url = 'wss://hub.example.com:${websocket}'
    const node = await open({ hub: { url, domain: 'hub', user: 'ann', password: 'ann-secret' } })
    for (;;) {
      const { state, cause } = (await node.status()).link
      console.log(state, cause ?? '')
      await new Promise((resolve) => setTimeout(resolve, 200))
    }`
  const own = await run(program, 'allowed')
  await own.prints('online')
  await own.page.close()
  const other = await run(program, 'other')
  const cause = /^offline wss:\/\/hub\.example\.com.* does not answer http:\/\/other\.localhost/
  await eventually('a cause', () => other.printed.some((line) => cause.test(line)))
  await other.page.close()
})

test('a user with a JWT of the backend has an outbox and a mirror, and no more than these', async (t) => {
  const inFolder = { cwd: folder, stdio: 'pipe' }
  writeFileSync(join(folder, 'account.mjs'), sampleOf(jwtTitle, 'js'))
  execFileSync(process.execPath, ['account.mjs'], inFolder)
  const port = await freePort()
  writeFileSync(join(folder, 'login.mjs'), sampleOf(loginTitle, 'js').replace('8080', port))
  const backend = spawn(process.execPath, ['login.mjs'], inFolder)
  t.after(() => backend.kill())
  const { websocket, url } = await startProduction(t, jwtTitle, originOf('allowed'))
  const app = fromSeed(readFileSync(join(folder, 'app.seed')))
  const key = createUser()
  const jwt = await encodeUser('backend', key, app)
  const hub = await connect({ servers: url, authenticator: jwtAuthenticator(jwt, key.getSeed()) })
  t.after(() => hub.close())
  const jsm = await jetstreamManager(hub)
  await jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'] })
  const tasks = await new Kvm(jetstream(hub)).create('tasks')
  await tasks.put('ann.call', 'mother')
  await tasks.put('bob.call', 'father')
  await browser.context.route('**/hub-credentials', async (route) => {
    const response = await fetch(`http://127.0.0.1:${port}/`)
    await route.fulfill({ json: await response.json() })
  })
  const program = sampleOf(loginTitle, 'ts').replace('hub.example.com', `$&:${websocket}`)
  const nosy = `const others = await jsm.streams.add({ name: 'NOSY', mirror: { name: 'KV_tasks',
    external: { api: '$JS.hub.API', deliver: '' } } })
    void (async () => { for (;;) { const { state } = await jsm.streams.info('NOSY')
      console.log('nosy', state.messages, (await node.sync('NOSY')).lastError)
      await new Promise((resolve) => setTimeout(resolve, 500)) } })()
    for await (const entry`
  const { page, prints, printed } = await run(
    program.replace('for await (const entry', nosy),
    'allowed',
  )
  await prints('ann.call mother')
  await prints('ann.shop milk')
  await eventually('the order', async () => (await jsm.streams.info('ORDERS')).state.messages === 1)
  await eventually(
    'a refusal',
    () => printed.some((line) => /^nosy 0 no right to ask/.test(line)),
    30_000,
  )
  assert.ok(!printed.some((line) => line.startsWith('bob')), printed.join('\n'))
  await page.close()
})
