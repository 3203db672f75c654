// An app of one file for the tests of bundlers, and what it must be able to do once it is built and served.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const app = `import { open } from 'frond'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
Object.assign(globalThis, { open, jetstream, jetstreamManager, ready: true })`

/** The page's own script, for bundlers that begin at the page. */
export const own = '<script type="module" src="./app.js"></script>'

/** Writes app.js and a page with `script` into a folder of its own below `artifacts`. */
export function project(artifacts, name, script) {
  const folder = join(artifacts, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'app.js'), app)
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><link rel="icon" href="data:,"><title>app</title>${script}`,
  )
  return folder
}

/** Opens nodes of both kinds of worker in the page and stores a message in each. */
export async function works(browser, url, options = {}) {
  const page = await browser.open(url)
  for (const worker of ['shared', 'dedicated']) {
    const found = await page.evaluate(
      async (given) => {
        // A port may have been another test's before, and with it the origin.
        const node = await open({ name: `n${Date.now()}`, ...given })
        const nc = await node.connect()
        const jsm = await jetstreamManager(nc)
        await jsm.streams.add({ name: 'S', subjects: ['s'] })
        const { seq } = await jetstream(nc).publish('s', 'x')
        const { storage, owner } = await node.status()
        await node.close()
        return { seq, kind: storage.kind, owner }
      },
      { ...options, worker },
    )
    const owner = worker === 'shared' ? 'shared-worker' : 'worker'
    assert.deepEqual(found, { seq: 1, kind: 'indexeddb', owner })
  }
  assert.deepEqual(page.problems, [])
  await page.close()
}
