/** What the node server needs, as a browser's worker has it. */
import create from 'frond-wasm'
import { lockWaitMillisMax } from '../limits.js'
import { IndexedDbStorage } from '../storage/indexeddb.js'
import { MemoryStorage } from '../storage/memory.js'
import { IndexedDbUnavailable } from '../storage/open_database.js'
import { NodeInUseError, type StorageBackend } from '../storage/storage.js'
import type { NodeSettings, Owner, StorageSettings } from './messages.js'
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
  const url = new URL('./frond.wasm', import.meta.url)
  try {
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`)
    // Streaming wants the right media type, which simple servers do not send.
    if (response.headers.get('content-type') === 'application/wasm') {
      return await WebAssembly.compileStreaming(response)
    }
    return await WebAssembly.compile(await response.arrayBuffer())
  } catch (error) {
    throw new Error(`${url}: ${error}`)
  }
}

async function openStorage({ name, storage, hub }: NodeSettings): Promise<StorageBackend> {
  // Two nodes of one name would throw each other off the hub, whatever they store.
  const owned = storage.kind === 'indexeddb' || hub !== undefined
  let release = owned ? await takeLock(name) : nothing
  try {
    const backend = await openBackend(name, storage)
    const silence = backend instanceof IndexedDbStorage ? tellOthers(name, backend) : nothing
    backend.claimName = async () => {
      if (release === nothing) release = await takeLock(name)
    }
    backend.onClosed = () => {
      silence()
      release()
    }
    return backend
  } catch (error) {
    release()
    throw error
  }
}

async function openBackend(
  name: string,
  storage: StorageSettings,
): Promise<IndexedDbStorage | MemoryStorage> {
  if (storage.kind === 'memory') return new MemoryStorage(name)
  if (storage.kind !== 'indexeddb') throw new Error(`no ${storage.kind} storage in a browser`)
  try {
    return await IndexedDbStorage.open(name, { durability: storage.durability })
  } catch (error) {
    if (error instanceof IndexedDbUnavailable) return new MemoryStorage(name, error.message)
    throw error
  }
}

const nothing = (): void => undefined

/**
 * One living owner for each origin and node name; answers how to let go. Where the browser has no
 * locks, as on insecure origins, or denies them, the last one to open takes the store from the others.
 */
async function takeLock(name: string): Promise<() => void> {
  const { locks } = navigator
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
  if (typeof BroadcastChannel === 'undefined') return nothing
  const channel = new BroadcastChannel(`frond:${name}`)
  // Whoever says so: the store itself knows whose it is.
  channel.onmessage = () => void backend.check().catch(() => undefined)
  channel.postMessage('opened')
  return () => channel.close()
}
