/** What the node server needs, as a browser's worker has it. */
import create from 'frond-wasm'
import { lockWaitMillisMax } from '../limits.js'
import { IndexedDbStorage } from '../storage/indexeddb.js'
import { MemoryStorage } from '../storage/memory.js'
import { IndexedDbUnavailable } from '../storage/open_database.js'
import { NodeInUseError, type StorageBackend } from '../storage/storage.js'
import type { NodeSettings, Owner } from './messages.js'
import type { Platform } from './platform.js'
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
    openStorage,
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

async function openStorage({ name, storage }: NodeSettings): Promise<StorageBackend> {
  if (storage.kind === 'memory') return new MemoryStorage(name)
  if (storage.kind !== 'indexeddb') throw new Error(`no ${storage.kind} storage in a browser`)
  const release = await takeLock(name)
  try {
    const backend = await IndexedDbStorage.open(name, { durability: storage.durability })
    const silence = tellOthers(name, backend)
    backend.onClosed = () => {
      silence()
      release()
    }
    return backend
  } catch (error) {
    release()
    if (error instanceof IndexedDbUnavailable) return new MemoryStorage(name, error.message)
    throw error
  }
}

/**
 * One living owner for each origin and node name; answers how to let go. Where the browser has no
 * locks, as on insecure origins, or denies them, the last one to open takes the store from the others.
 */
async function takeLock(name: string): Promise<() => void> {
  const { locks } = navigator
  const nothing = (): void => undefined
  if (locks === undefined) return nothing
  const gaveUp = AbortSignal.timeout(lockWaitMillisMax)
  return new Promise((resolve, reject) => {
    const hold = (): Promise<void> => new Promise<void>((release) => resolve(release))
    locks.request(`frond:${name}`, { signal: gaveUp }, hold).catch(() => {
      if (gaveUp.aborted) reject(new NodeInUseError(`node ${name} is open in another tab`))
      else resolve(nothing)
    })
  })
}

/** An owner that has been replaced learns it at once, and not by its next commit only. */
function tellOthers(name: string, backend: IndexedDbStorage): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => undefined
  const channel = new BroadcastChannel(`frond:${name}`)
  // Whoever says so: the store itself knows whose it is.
  channel.onmessage = () => void backend.check().catch(() => undefined)
  channel.postMessage('opened')
  return () => channel.close()
}
