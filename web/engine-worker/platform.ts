/** What differs between a browser's worker and Node.js, and what a node needs of it to begin. */
import type { StorageBackend } from '../storage/storage.js'
import type { OpenSocket } from './hub_socket.js'
import type { NodeSettings, Owner } from './messages.js'
import type { WasmSource } from './wasm_node.js'

export interface Platform {
  owner: Owner
  loadWasm(): Promise<WasmSource>
  openStorage(settings: NodeSettings): Promise<StorageBackend>
  openSocket: OpenSocket
}

/** Both at once; when only the storage could be opened it is closed again. */
export async function loadAndOpen(
  platform: Platform,
  settings: NodeSettings,
): Promise<[WasmSource, StorageBackend]> {
  const [source, storage] = await Promise.allSettled([
    platform.loadWasm(),
    platform.openStorage(settings),
  ])
  if (storage.status === 'rejected') throw storage.reason
  if (source.status === 'rejected') {
    await storage.value.close()
    throw source.reason
  }
  return [source.value, storage.value]
}
