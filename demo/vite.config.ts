import { createHash } from 'node:crypto'
import { defineConfig, type Plugin } from 'vite'

// Beside the bundle, from public/: what the installed app shows of itself.
const shellExtras = ['manifest.webmanifest', 'icon.svg', 'icon-192.png', 'icon-512.png']

// The service worker must know every file of the shell to serve the page with the server gone; the
// names carry content hashes, so the list is only known when the bundle is. The version covers the
// contents too, as the page itself keeps its name.
function shellList(): Plugin {
  return {
    name: 'shell-list',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const worker = Object.values(bundle).find((file) => file.fileName === 'sw.js')
      if (worker?.type !== 'chunk') throw new Error('the service worker was not built')
      const shell = Object.values(bundle).filter(
        ({ fileName }) => fileName !== 'sw.js' && !fileName.endsWith('.map'),
      )
      const version = createHash('sha256')
      for (const file of shell) version.update(file.type === 'chunk' ? file.code : file.source)
      const names = shell.map(({ fileName }) => (fileName === 'index.html' ? '' : fileName))
      if (!names.includes('')) throw new Error('the page is not in the bundle')
      const files = [...names, ...shellExtras].map((name) => `/${name}`)
      // The minifier chooses the quotes, and joins strings.
      fill(worker, /(["'`])__SHELL__\1/, JSON.stringify(files))
      fill(worker, /__VERSION__/, version.digest('hex').slice(0, 16))
    },
  }
}

function fill(worker: { code: string }, place: RegExp, value: string): void {
  if (!place.test(worker.code)) throw new Error(`the service worker has no place like ${place}`)
  worker.code = worker.code.replace(place, () => value)
}

export default defineConfig({
  plugins: [shellList()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    rollupOptions: {
      input: { index: 'index.html', sw: 'src/service_worker.ts' },
      output: {
        // A service worker governs the folder that it is served from, so it stands at the top.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
})
