// Stamps let a second run skip a step whose inputs are as they were: names, sizes and times of the input files.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, root } from './paths.mjs'
import { readText } from './terminal.mjs'

const notInputs = new Set(['node_modules', 'dist', '.artifacts'])

function* filesUnder(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isFile()) yield [path, stat]
  if (!stat?.isDirectory()) return
  for (const name of readdirSync(path).sort()) {
    if (!notInputs.has(name)) yield* filesUnder(join(path, name))
  }
}

/** Runs `work` unless `inputs` (files and folders of the clone) are unchanged since the last time and `output` stands. */
export async function whenChanged(name, inputs, output, work) {
  const hash = createHash('sha256')
  for (const input of inputs) {
    for (const [path, stat] of filesUnder(join(root, input)))
      hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`)
  }
  const key = hash.digest('hex')
  const stamp = join(build, 'stamps', name)
  if (readText(stamp) === key && existsSync(output)) return
  await work()
  mkdirSync(join(build, 'stamps'), { recursive: true })
  writeFileSync(stamp, key)
}
