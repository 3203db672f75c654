// Builds js/dist, the publishable package, from js/src, web/ and the Wasm of build/<preset>/wasm (`wasm`, or
// `wasm-debug` with --debug). The worker is one self-contained file with frond.wasm beside it; only what npm
// installs anyway (nats-core, ws) stays outside.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const preset = process.argv.includes('--debug') ? 'wasm-debug' : 'wasm'
const wasm = join(root, 'build', preset, 'wasm')
const dist = join(here, 'dist')

if (!existsSync(join(wasm, 'frond.wasm'))) {
  console.error(`${wasm} holds no frond.wasm: run \`npm run build:wasm\` first`)
  process.exit(1)
}

// The loaders of Node.js and of a worker name what the Wasm imports by the same short names, or one of them is broken.
if (!readFileSync(join(wasm, 'frond.wasm')).equals(readFileSync(join(wasm, 'worker/frond.wasm')))) {
  console.error('frond.wasm and worker/frond.wasm are not the same')
  process.exit(1)
}

const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  outdir: dist,
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
}

const nodeEntries = { node: 'js/src/index_node.ts', internal_node: 'js/src/internal_node.ts' }

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist, { recursive: true })
await Promise.all([
  build({
    ...common,
    entryPoints: { index: 'js/src/index.ts' },
    platform: 'browser',
    minify: true,
    external: ['@nats-io/nats-core'],
  }),
  build({
    ...common,
    entryPoints: { 'tanstack-db': 'js/src/tanstack_db.ts' },
    platform: 'neutral',
    minify: true,
    external: ['@nats-io/nats-core'],
  }),
  build({
    ...common,
    entryPoints: { worker: 'web/engine-worker/main.ts' },
    platform: 'browser',
    alias: { 'frond-wasm': join(wasm, 'worker/frond.mjs') },
    minify: true,
  }),
  build({
    ...common,
    entryPoints: nodeEntries,
    platform: 'node',
    alias: { 'frond-wasm': join(wasm, 'frond.mjs') },
    splitting: true,
    chunkNames: 'node_[hash]',
    external: ['@nats-io/nats-core', 'ws'],
  }),
])
copyFileSync(join(wasm, 'frond.wasm'), join(dist, 'frond.wasm'))
for (const page of ['guide.md', 'query.md', 'api.md', 'features.md', 'link.md', 'sync.md']) {
  copyFileSync(join(root, 'docs', page), join(dist, page))
}

const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
for (const project of ['web', 'js']) {
  const emit = project === 'js' ? ['--outDir', join(dist, 'types')] : ['--noEmit']
  execFileSync(
    process.execPath,
    [join(typescript, 'bin/tsc'), '-p', join(root, project), ...emit],
    {
      stdio: 'inherit',
    },
  )
}
