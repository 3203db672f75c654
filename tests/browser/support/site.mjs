// A static site on loopback whose page holds the built package: bundled by esbuild as an app would, worker.js and
// frond.wasm beside the bundle. Its Content-Security-Policy is the strictest under which WebAssembly runs at all.
import { copyFileSync, createReadStream, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const support = dirname(fileURLToPath(import.meta.url))
const root = join(support, '../../..')
const dist = join(root, 'js/dist')
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
}
const policy =
  "default-src 'self'; img-src data:; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:"

/** Bundles support/page.js; answers the folder that serve() takes. */
export async function buildSite(name = 'site') {
  const folder = join(support, '../.artifacts', name)
  mkdirSync(folder, { recursive: true })
  await build({
    entryPoints: { page: join(support, 'page.js') },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    outdir: folder,
    logLevel: 'warning',
  })
  for (const file of ['worker.js', 'frond.wasm']) copyFileSync(join(dist, file), join(folder, file))
  // Static imports run in order, so the second file finds what the first one has left of the globals.
  writeFileSync(
    join(folder, 'take_indexeddb.js'),
    "Object.defineProperty(self, 'indexedDB', { value: undefined })\n",
  )
  writeFileSync(
    join(folder, 'no_indexeddb.js'),
    "import './take_indexeddb.js'\nimport './worker.js'\n",
  )
  const page =
    '<!doctype html><link rel="icon" href="data:,"><title>frond</title><script type="module" src="page.js"></script>'
  writeFileSync(join(folder, 'index.html'), page)
  return folder
}

/** Serves the folder until close(); always on the same port when one is given, as the origin holds the data. */
export async function serve(folder, { headers = { 'content-security-policy': policy } } = {}) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://x').pathname).replace(/\/$/, '/index.html')
    const file = join(folder, path)
    if (!file.startsWith(folder) || !existsSync(file)) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain', ...headers })
    createReadStream(file).pipe(response)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${server.address().port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        // Chromium opens connections ahead of requests; those would be waited for.
        server.closeAllConnections()
      }),
  }
}
