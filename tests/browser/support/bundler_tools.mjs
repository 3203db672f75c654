// The bundlers and frameworks of tests/bundlers, installed once for each lock, and how to load them from there.
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const named = join(root, 'tests/bundlers')

/** Where they are installed. */
export const tools = join(root, 'tests/browser/.artifacts/bundler-tools')
/** As Node.js would find a module from there. */
export const resolved = createRequire(join(tools, 'index.js'))

export function installTools() {
  const lock = (folder) => join(folder, 'package-lock.json')
  const installed = existsSync(join(tools, 'node_modules')) && existsSync(lock(tools))
  if (installed && readFileSync(lock(tools), 'utf8') === readFileSync(lock(named), 'utf8')) return
  rmSync(tools, { recursive: true, force: true })
  mkdirSync(tools, { recursive: true })
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
    copyFileSync(join(named, name), join(tools, name))
  }
  execFileSync('npm', ['ci', '--workspaces=false'], { cwd: tools, stdio: 'pipe' })
}

/** Puts the built package into the app's node_modules, as npm installs it: what is only linked is treated otherwise. */
export function installPackage(folder) {
  for (const part of ['dist', 'package.json']) {
    cpSync(join(root, 'js', part), join(folder, 'node_modules/frond', part), { recursive: true })
  }
}
