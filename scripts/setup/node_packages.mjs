// The packages of package-lock.json, installed once per lock.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../paths.mjs'
import { readText, step } from '../terminal.mjs'

const stamp = join(root, 'node_modules/.frond-lock')

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

export function nodePackagesReady() {
  return readText(stamp) === lockHash()
}

export async function setUpNodePackages() {
  if (nodePackagesReady()) return
  await step('npm: packages', 'npm', ['ci', '--no-audit', '--no-fund'], { progress: /^added .*/ })
  writeFileSync(stamp, lockHash())
}
