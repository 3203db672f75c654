// Keeps the shell of the page (HTML, scripts, Wasm, styles) so that the app opens with the server
// gone. It never touches data: that is the node's business. Files with a hash in their name never
// change, so what is cached is served; the page itself is asked from the network first, so that a
// new version is taken when there is one.

export {}

declare const self: ServiceWorkerGlobalScope

const shell = '__SHELL__' as unknown as string[]

/** The cache is named by its contents, so that a new build gets a new one and drops the old. */
async function cacheName(): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(shell))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `shell-${[...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

self.addEventListener('install', (event) => {
  event.waitUntil(
    cacheName()
      .then((name) => caches.open(name))
      .then((cache) => cache.addAll(shell))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const current = await cacheName()
      const old = (await caches.keys()).filter((name) => name !== current)
      await Promise.all(old.map((name) => caches.delete(name)))
      await self.clients.claim()
    })(),
  )
})

async function page(request: Request): Promise<Response> {
  try {
    const response = await fetch(request)
    if (response.ok) return response
  } catch {
    // The server is gone; the cached page below is what this worker is for.
  }
  return (await caches.match('/')) ?? Response.error()
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else event.respondWith(caches.match(request).then((cached) => cached ?? fetch(request)))
})
