/** open() in Node.js: the node runs in this process, in a directory or in memory. */
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import create from 'frond-wasm'
import { ControlServer } from '../../web/engine-worker/control_server.js'
import type { SocketLike } from '../../web/engine-worker/hub_socket.js'
import type { NodeSettings, StorageSettings } from '../../web/engine-worker/messages.js'
import type { Platform } from '../../web/engine-worker/platform.js'
import type { WasmSource } from '../../web/engine-worker/wasm_node.js'
import { hubCompressBytesMin } from '../../web/limits.js'
import { DirectoryStorage } from '../../web/storage/directory.js'
import { makeOnce } from '../../web/storage/make_once.js'
import { MemoryStorage } from '../../web/storage/memory.js'
import type { StorageBackend } from '../../web/storage/storage.js'
import { Control } from './control.js'
import { OptionsError, StorageError } from './errors.js'
import { FrondNode } from './frond_node.js'
import { provideHub } from './hub_provider.js'
import { makeName as newName, type OpenOptions, refuseUnknown, toSettings } from './options.js'

/** Opens a node in this process; `storage` is `{ directory }` or `'memory'`. */
export async function open(options: OpenOptions = {}): Promise<FrondNode> {
  refuseUnknown(options)
  const storage = storageOf(options)
  const { name = await keptName(storage) } = options
  const settings = toSettings(options, name, storage)
  const server = new ControlServer(await nodePlatform())
  const { port1, port2 } = new MessageChannel()
  server.attach(port2)
  const control = new Control(port1)
  provideHub(control, options.hub, settings.domain)
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
  if (storage !== null && typeof storage === 'object') {
    refuseUnknown(storage, 'directory', 'storage')
    const { directory } = storage
    // Of an empty one the working directory would be made.
    if (typeof directory === 'string' && directory) return { kind: 'directory', directory }
  }
  throw new OptionsError("storage: is { directory } or 'memory' in Node.js")
}

/** The name lies beside the data: another directory is another device. */
async function keptName(storage: StorageSettings): Promise<string> {
  if (storage.kind !== 'directory') return newName()
  const directory = resolve(storage.directory)
  const path = join(directory, 'name')
  try {
    await mkdir(directory, { recursive: true })
    return (await readName(path)) ?? (await makeName(path))
  } catch (error) {
    throw new StorageError(`open: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Nothing when there is none; one that cannot be read is an error, or the node would change its name. */
async function readName(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

/** Of two that open at once both get the first one's. */
async function makeName(path: string): Promise<string> {
  const name = newName()
  if (await makeOnce(path, `${path}.${name}`, `${name}\n`)) return name
  return (await readName(path)) ?? name
}

let source: Promise<WasmSource> | undefined

async function nodePlatform(): Promise<Platform> {
  const openSocket = await socketOpener()
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

/**
 * The `ws` package: unlike the WebSocket of Node.js it compresses what it sends, says why a dial has
 * failed, and can stop reading.
 */
async function socketOpener(): Promise<(url: string) => SocketLike> {
  const { WebSocket } = await import('ws')
  const perMessageDeflate = { threshold: hubCompressBytesMin }
  return (url) => new WebSocket(url, { perMessageDeflate }) as unknown as SocketLike
}
