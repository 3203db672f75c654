// Emscripten 3.1.69 or newer: an emsdk on PATH if it is new enough, else Debian trixie's own packages unpacked into
// .tools/emscripten. bookworm's 3.1.6 lacks half of C++20's library and cannot build the engine.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { emscriptenPath, tools } from '../paths.mjs'
import { capture, readText, StepError, say } from '../terminal.mjs'
import { privateApt } from './apt.mjs'

const oldest = [3, 1, 69]
const toolchainFile = 'cmake/Modules/Platform/Emscripten.cmake'
const prefix = join(tools, 'emscripten')

/** Makes .tools/emscripten.path name a folder with a usable emcc. */
export async function setUpEmscripten() {
  const found = await onPath()
  if (found) {
    say(`  Emscripten ${found.version} of PATH is used`)
    writeFileSync(emscriptenPath, `${found.folder}\n`)
    return
  }
  const done = join(prefix, '.unpacked')
  if (!existsSync(done)) {
    rmSync(prefix, { recursive: true, force: true })
    const packages = ['emscripten', 'binaryen', 'node-acorn', 'libc6', 'libstdc++6', 'libgcc-s1']
    const apt = await privateApt(['trixie'])
    await apt.unpack(
      'Emscripten',
      packages.map((name) => `${name}/trixie`),
      prefix,
    )
    trim()
    writeFileSync(done, '')
  }
  configure()
  const folder = join(prefix, 'usr/share/emscripten')
  const version = await versionOf(join(folder, 'emcc'))
  if (!version)
    throw new StepError(
      `The Emscripten unpacked into ${prefix} does not run; delete that folder and try again.`,
    )
  say(`  Emscripten ${version} of .tools is used`)
  writeFileSync(emscriptenPath, `${folder}\n`)
}

async function onPath() {
  const { code, output } = await capture('sh', ['-c', 'command -v emcc'])
  if (code !== 0) return undefined
  const emcc = realpathSync(output.trim())
  const version = await versionOf(emcc)
  const numbers = version?.split('.').map(Number) ?? []
  const difference =
    oldest.map((part, i) => (numbers[i] ?? 0) - part).find((each) => each !== 0) ?? 0
  if (difference < 0) {
    say(
      `  emcc on PATH is Emscripten ${version ?? '(it does not run)'}: too old, 3.1.69 is the oldest that builds Frond. ` +
        'It is left alone; a newer one goes into .tools.',
    )
    return undefined
  }
  // An emsdk keeps emcc in its root; Debian puts a wrapper into /usr/bin.
  const folder = [dirname(emcc), '/usr/share/emscripten'].find((each) =>
    existsSync(join(each, toolchainFile)),
  )
  if (folder) return { version, folder }
  say(`  emcc ${version} on PATH has no ${toolchainFile} beside it and is left alone.`)
  return undefined
}

async function versionOf(emcc) {
  const { output } = await capture(emcc, ['--version'])
  return /(\d+\.\d+\.\d+)/.exec(output)?.[1]
}

/** Drops what no build of ours reads: the position-independent libraries, Emscripten's own tests and documents. */
function trim() {
  const libraries = join(prefix, 'usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten')
  const unread = ['pic', 'lto-pic'].map((name) => join(libraries, name))
  unread.push(join(prefix, 'usr/share/emscripten/test'), join(prefix, 'usr/share/doc'))
  for (const path of unread) rmSync(path, { recursive: true, force: true })
}

/**
 * Writes the configuration for where the clone stands now. binaryen's programs are linked against trixie's libc, so
 * each gets a wrapper that starts it with the dynamic loader and the libraries of the prefix.
 */
function configure() {
  const libraries = readdirSync(join(prefix, 'usr/lib')).find((name) => name.endsWith('-linux-gnu'))
  const libraryPath = join(prefix, 'usr/lib', libraries)
  const loader = readdirSync(libraryPath).find((name) => name.startsWith('ld-linux'))
  const wrappers = join(prefix, 'binaryen/bin')
  mkdirSync(wrappers, { recursive: true })
  for (const name of readdirSync(join(prefix, 'usr/bin')).filter((each) =>
    each.startsWith('wasm'),
  )) {
    const program = join(prefix, 'usr/bin', name)
    const wrapper = join(wrappers, name)
    writeFileSync(
      wrapper,
      `#!/bin/sh\nexec "${join(libraryPath, loader)}" --library-path "${libraryPath}" "${program}" "$@"\n`,
    )
    chmodSync(wrapper, 0o755)
  }
  const share = join(prefix, 'usr/share')
  cpSync(join(share, 'nodejs/acorn'), join(share, 'emscripten/node_modules/acorn'), {
    recursive: true,
  })
  // Its scripts are CommonJS; without this file Node.js would take the word of the clone's own package.json.
  writeFileSync(join(share, 'emscripten/package.json'), '{}\n')
  writeFileSync(
    join(share, 'emscripten/.emscripten'),
    [
      "LLVM_ROOT = '/usr/bin'",
      "LLVM_ADD_VERSION = '19'",
      "CLANG_ADD_VERSION = '19'",
      `BINARYEN_ROOT = '${join(prefix, 'binaryen')}'`,
      `NODE_JS = '${process.execPath}'`,
      '# The libraries come built; nothing is written beside them.',
      'FROZEN_CACHE = True',
      '',
    ].join('\n'),
  )
}

/** Copies nlohmann's headers where emcc may see them without seeing the rest of /usr/include. */
export function setUpJsonHeaders() {
  const from = '/usr/include/nlohmann'
  const to = join(tools, 'include/nlohmann')
  const version = (folder) =>
    readText(join(folder, 'detail/abi_macros.hpp')) ?? readText(join(folder, 'json.hpp'))
  if (version(from) === undefined)
    throw new StepError(`${from} is not there (Debian package nlohmann-json3-dev)`)
  if (version(from) === version(to)) return
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true, dereference: true })
}
