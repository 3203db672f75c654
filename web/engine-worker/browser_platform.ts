/** What the node server needs, as a browser's worker has it. */
import create from 'frond-wasm'
import { lockWaitMillisMax } from '../limits.js'
import { IndexedDbUnavailable } from '../storage/idbfs_database.js'
import { IndexedDbStorage } from '../storage/indexeddb.js'
import { MemoryStorage } from '../storage/memory.js'
import { NodeInUseError, type StorageBackend } from '../storage/storage.js'
import type { NodeSettings, Owner } from './messages.js'
import type { Platform } from './node_server.js'
import type { WasmSource } from './wasm_node.js'

export function browserPlatform(owner: Owner): Platform {
  let source: Promise<WasmSource> | undefined
  return {
    owner,
    loadWasm() {
      source ??= compile().then((module) => ({ create, module }))
      // A failed download is tried again at the next open.
      source.catch(() => {
        source = undefined
      })
      return source
    },
    openStorage: (settings) => openStorage(settings, owner),
    openSocket: (url) => new WebSocket(url),
  }
}

async function compile(): Promise<WebAssembly.Module> {
  const response = await fetch(new URL('./frond.wasm', import.meta.url))
  if (!response.ok) throw new Error(`frond.wasm: ${response.status} ${response.statusText}`)
  // Streaming wants the right media type, which simple servers do not send.
  if (response.headers.get('content-type') === 'application/wasm') {
    return WebAssembly.compileStreaming(response)
  }
  return WebAssembly.compile(await response.arrayBuffer())
}

async function openStorage(settings: NodeSettings, owner: Owner): Promise<StorageBackend> {
  const { name, storage } = settings
  if (storage.kind === 'memory') return new MemoryStorage(name)
  if (storage.kind !== 'indexeddb') throw new Error(`no ${storage.kind} storage in a browser`)
  const release = await takeLock(name)
  if (release === undefined && owner !== 'shared-worker') {
    return new MemoryStorage(name, 'Web Locks are not available here, so tabs could collide')
  }
  try {
    const backend = await IndexedDbStorage.open(name, { durability: storage.durability })
    return withLock(backend, release)
  } catch (error) {
    release?.()
    if (error instanceof IndexedDbUnavailable) return new MemoryStorage(name, error.message)
    throw error
  }
}

/**
 * One writer per origin and node name. Answers how to release the lock, or nothing where the
 * browser has no locks (an insecure origin); there a SharedWorker alone keeps tabs apart.
 */
async function takeLock(name: string): Promise<(() => void) | undefined> {
  const { locks } = navigator
  if (locks === undefined) return undefined
  const gaveUp = AbortSignal.timeout(lockWaitMillisMax)
  return new Promise((resolve, reject) => {
    const hold = (): Promise<void> => new Promise<void>((release) => resolve(release))
    locks.request(`frond:${name}`, { signal: gaveUp }, hold).catch((error) => {
      reject(
        gaveUp.aborted
          ? new NodeInUseError(`node ${name} is open in another tab`)
          : (error as Error),
      )
    })
  })
}

function withLock(backend: IndexedDbStorage, release: (() => void) | undefined): StorageBackend {
  return {
    appends: backend.appends,
    persistent: backend.persistent,
    mount: (fs) => backend.mount(fs),
    commit: (operations) => backend.commit(operations),
    status: () => backend.status(),
    close: async () => {
      await backend.close()
      release?.()
    },
  }
}
