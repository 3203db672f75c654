// Keeps the shell of the page (HTML, scripts, Wasm, styles) so that the app opens with the server
// gone. It never touches data: that is the node's business. Files with a hash in their name never
// change, so what is cached is served; the page itself is asked from the network first, so that a
// new version is taken when there is one.

export {}

declare const self: ServiceWorkerGlobalScope

// Both are filled in when the bundle is known (vite.config.ts).
const shell = '__SHELL__' as unknown as string[]
const cacheName = `shell-${'__VERSION__'}`

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(shell))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((name) => name !== cacheName)
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
