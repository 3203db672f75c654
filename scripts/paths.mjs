// Where things are in a clone. Everything downloaded is under .tools, everything built under build and */dist.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const tools = join(root, '.tools')
export const build = join(root, 'build')
export const logs = join(build, 'logs')

export const server = join(build, 'release', 'server', 'frond-server')
export const wasmLoader = join(build, 'wasm', 'wasm', 'frond.mjs')

/** Written by setup: the folder of emcc, and which stock nats-servers were unpacked. */
export const emscriptenPath = join(tools, 'emscripten.path')
export const natsServersFile = join(tools, 'nats-servers.json')
