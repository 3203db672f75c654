// Serves the built demo page: a folder of files, nothing more. The page is also a PWA, so what a browser may keep
// matters: names with a content hash for ever, everything else (the page itself, the service worker) never unasked.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

function pathOf(folder, url) {
  const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname))
  if (path.split('/').includes('..')) return undefined
  return join(folder, path.endsWith('/') ? `${path}index.html` : path)
}

async function answer(folder, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405).end()
  try {
    const path = pathOf(folder, request.url)
    if (path === undefined) return response.writeHead(400).end()
    const body = await readFile(path)
    response.writeHead(200, {
      'Content-Type': types[extname(path)] ?? 'application/octet-stream',
      'Content-Length': body.length,
      'Cache-Control': request.url.startsWith('/assets/')
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
    })
    return response.end(request.method === 'HEAD' ? undefined : body)
  } catch (error) {
    const missing = error.code === 'ENOENT' || error.code === 'EISDIR'
    return response.writeHead(missing ? 404 : error instanceof URIError ? 400 : 500).end()
  }
}

/** Resolves with the listening server; rejects with the listen error (EADDRINUSE). On this machine's loopback only. */
export function servePage(folder, port) {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => answer(folder, request, response))
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
