/** For siblings of this package and its tests. No promise is made about anything in here. */
export * from '../../web/engine-worker/messages.js'
export * from '../../web/limits.js'
export { IndexedDbUnavailable } from '../../web/storage/idbfs_database.js'
export { IndexedDbStorage } from '../../web/storage/indexeddb.js'
export { MemoryStorage } from '../../web/storage/memory.js'
export {
  type FileOperation,
  NodeInUseError,
  type StorageBackend,
  StorageError,
  within,
} from '../../web/storage/storage.js'
export { Control } from './control.js'
export { FrondNode } from './frond_node.js'
export { toSettings } from './options.js'
export { PortSocket } from './port_socket.js'
