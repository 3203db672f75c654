// Installs what is missing to build (`--build`) or to build and test (the default). A second run finds its stamp and
// takes milliseconds. What it downloads goes into .tools; Debian packages it installs by apt where it may.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emscriptenPath, root, tools } from './paths.mjs'
import { installPackages } from './setup/apt.mjs'
import { setUpEmscripten, setUpJsonHeaders } from './setup/emscripten.mjs'
import { natsServers, setUpNatsServers } from './setup/nats_servers.mjs'
import { nodePackagesReady, setUpNodePackages } from './setup/node_packages.mjs'
import { toBuild, toTest } from './setup/packages.mjs'
import { isMain, main, readText, StepError, say, seconds } from './terminal.mjs'

const oldestNode = [20, 19]

/** What the stamp stands for: the setup scripts themselves, and where the clone stands (configurations name it). */
function recipe() {
  const hash = createHash('sha256').update(root).update(process.execPath)
  for (const name of readdirSync(join(root, 'scripts/setup')).sort()) {
    hash.update(readFileSync(join(root, 'scripts/setup', name)))
  }
  return hash.digest('hex')
}

function ready(stamp, forTests) {
  const emscripten = readText(emscriptenPath)?.trim()
  const programs = ['/usr/bin/cmake', '/usr/bin/ninja', '/usr/bin/g++', '/usr/bin/clang-19']
  if (forTests)
    programs.push(
      '/usr/bin/chromium',
      '/usr/bin/firefox-esr',
      '/usr/bin/WebKitWebDriver',
      '/usr/bin/Xvfb',
      '/usr/bin/clang-format-19',
      '/usr/include/catch2/catch.hpp',
    )
  return (
    readText(stamp) === recipe() &&
    nodePackagesReady() &&
    emscripten !== undefined &&
    existsSync(join(emscripten, 'emcc')) &&
    programs.every((path) => existsSync(path)) &&
    (!forTests || natsServers().length > 0)
  )
}

/** Brings the machine and .tools to where `npm start` (or, with `tests`, `npm test`) works. Idempotent. */
export async function setUp({ tests }) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    throw new StepError(
      `Node.js ${process.versions.node} is too old; Frond's tools need ${oldestNode.join('.')} or newer.`,
    )
  }
  const stampOf = (all) => join(tools, all ? 'setup-test.stamp' : 'setup-build.stamp')
  // What is ready to test is ready to build.
  if (ready(stampOf(true), true) || (!tests && ready(stampOf(false), false))) return
  const began = performance.now()
  say(`Setting up (${tests ? 'to build and test' : 'to build'}; once per machine and clone)`)
  mkdirSync(tools, { recursive: true })
  await installPackages(tests ? [...toBuild, ...toTest] : toBuild)
  await setUpEmscripten()
  setUpJsonHeaders()
  if (tests) await setUpNatsServers()
  await setUpNodePackages()
  writeFileSync(stampOf(tests), recipe())
  say(`Set up in ${seconds(began)}`)
}

if (isMain(import.meta)) {
  main(() => setUp({ tests: !process.argv.includes('--build') }))
}
