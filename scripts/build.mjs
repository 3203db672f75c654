// Builds what ships: `node scripts/build.mjs [native] [wasm] [js] [demo]`, all of them by default. What is up to date
// is left alone; a part builds what it stands on first.
import { join } from 'node:path'
import { cmakeBuild } from './cmake.mjs'
import { root } from './paths.mjs'
import { setUp } from './setup.mjs'
import { whenChanged } from './stamp.mjs'
import { isMain, main, StepError, step } from './terminal.mjs'

const shared = ['package-lock.json', 'tsconfig.base.json']

/** build/release/server/frond-server */
export async function buildNative() {
  await cmakeBuild('release', ['frond-server'])
}

/** build/wasm/wasm/frond.wasm, frond.mjs and worker/frond.mjs */
export async function buildWasm() {
  await cmakeBuild('wasm', ['frond-wasm'])
}

/** js/dist, the publishable package. */
export async function buildJs() {
  await buildWasm()
  const inputs = [
    'js',
    'web',
    'docs',
    'build/wasm/wasm/frond.mjs',
    'build/wasm/wasm/worker/frond.mjs',
    'build/wasm/wasm/frond.wasm',
    ...shared,
  ]
  await whenChanged('js', inputs, join(root, 'js/dist'), () =>
    step('build js', 'npm', ['run', 'build', '--workspace', 'js']),
  )
}

/** demo/dist, the page. */
export async function buildDemo() {
  await buildJs()
  await whenChanged(
    'demo',
    ['demo', 'js/dist/index.js', 'build/stamps/js', ...shared],
    join(root, 'demo/dist'),
    () => step('build demo', 'npm', ['run', 'build', '--workspace', 'demo']),
  )
}

const parts = { native: buildNative, wasm: buildWasm, js: buildJs, demo: buildDemo }

if (isMain(import.meta)) {
  main(async () => {
    const asked = process.argv.length > 2 ? process.argv.slice(2) : ['native', 'demo']
    const unknown = asked.find((name) => !(name in parts))
    if (unknown)
      throw new StepError(
        `no part is called ${unknown}; there are ${Object.keys(parts).join(', ')}`,
      )
    await setUp({ tests: false })
    for (const name of asked) await parts[name]()
  })
}
