/** open() in Node.js: the node runs in this process, in a directory or in memory. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import create from 'frond-wasm'
import { ControlServer } from '../../web/engine-worker/control_server.js'
import type { SocketLike } from '../../web/engine-worker/hub_socket.js'
import type { NodeSettings, StorageSettings } from '../../web/engine-worker/messages.js'
import type { Platform } from '../../web/engine-worker/node_server.js'
import type { WasmSource } from '../../web/engine-worker/wasm_node.js'
import { DirectoryStorage } from '../../web/storage/directory.js'
import { MemoryStorage } from '../../web/storage/memory.js'
import type { StorageBackend } from '../../web/storage/storage.js'
import { Control } from './control.js'
import { OptionsError, StorageError } from './errors.js'
import { FrondNode } from './frond_node.js'
import { makeName, type OpenOptions, toSettings } from './options.js'

/** Opens a node in this process; `storage` is `{ directory }` or `'memory'`. */
export async function open(options: OpenOptions = {}): Promise<FrondNode> {
  const storage = storageOf(options)
  const name = options.name ?? (await keptName(storage))
  const settings = toSettings(options, name, storage)
  const server = new ControlServer(await nodePlatform(settings))
  const { port1, port2 } = new MessageChannel()
  server.attach(port2)
  const control = new Control(port1)
  try {
    const opened = await control.open(settings)
    return new FrondNode(opened.name, opened.domain, control, () => undefined)
  } catch (error) {
    control.lose(error as Error)
    throw error
  }
}

function storageOf({ storage }: OpenOptions): StorageSettings {
  if (storage === 'memory') return { kind: 'memory' }
  if (typeof storage === 'object') return { kind: 'directory', directory: storage.directory }
  throw new OptionsError("storage: is { directory } or 'memory' in Node.js")
}

/** The name lies beside the data: another directory is another device. */
async function keptName(storage: StorageSettings): Promise<string> {
  if (storage.kind !== 'directory') return makeName()
  const path = join(resolve(storage.directory), 'name')
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch {
    // There is none yet.
  }
  const name = makeName()
  try {
    await mkdir(resolve(storage.directory), { recursive: true })
    await writeFile(path, `${name}\n`)
  } catch (error) {
    throw new StorageError(`open: ${error instanceof Error ? error.message : String(error)}`)
  }
  return name
}

let source: Promise<WasmSource> | undefined

async function nodePlatform(settings: NodeSettings): Promise<Platform> {
  const openSocket = settings.hub === undefined ? noSocket : await socketOpener()
  return {
    owner: 'process',
    loadWasm: () => {
      source ??= readFile(new URL('./frond.wasm', import.meta.url))
        .then((bytes) => WebAssembly.compile(bytes))
        .then((module) => ({ create, module }))
      return source
    },
    openStorage,
    openSocket,
  }
}

async function openStorage({ name, storage }: NodeSettings): Promise<StorageBackend> {
  if (storage.kind === 'directory') return DirectoryStorage.open(name, storage.directory)
  return new MemoryStorage(name)
}

function noSocket(): never {
  throw new Error('no hub is configured')
}

/** The platform's WebSocket, or the `ws` package before Node.js 22. */
async function socketOpener(): Promise<(url: string) => SocketLike> {
  if (typeof globalThis.WebSocket === 'function') {
    return (url) => new globalThis.WebSocket(url) as unknown as SocketLike
  }
  const { WebSocket: Ws } = await import('ws')
  return (url) => new Ws(url, { perMessageDeflate: false }) as unknown as SocketLike
}
