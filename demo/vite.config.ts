import { defineConfig, type Plugin } from 'vite'

// The service worker must know every file of the shell to serve the page with the server gone; the
// names carry content hashes, so the list is only known when the bundle is.
function shellList(): Plugin {
  return {
    name: 'shell-list',
    apply: 'build',
    generateBundle(_options, bundle) {
      const worker = Object.values(bundle).find((file) => file.fileName === 'sw.js')
      if (worker?.type !== 'chunk') throw new Error('the service worker was not built')
      const shell = Object.keys(bundle).filter((name) => name !== 'sw.js' && !name.endsWith('.map'))
      const files = ['/', '/manifest.webmanifest', '/icon.svg', ...shell.map((name) => `/${name}`)]
      worker.code = worker.code.replace('"__SHELL__"', JSON.stringify(files))
    },
  }
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
