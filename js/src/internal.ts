/** For siblings of this package and its tests. No promise is made about anything in here. */
export * from '../../web/engine-worker/messages.js'
export * from '../../web/limits.js'
export { IndexedDbStorage } from '../../web/storage/indexeddb.js'
export { MemoryStorage } from '../../web/storage/memory.js'
export { IndexedDbUnavailable } from '../../web/storage/open_database.js'
export {
  type FileOperation,
  NodeInUseError,
  type StorageBackend,
  StorageError,
  Tenure,
  within,
} from '../../web/storage/storage.js'
export { Control } from './control.js'
export { FrondNode } from './frond_node.js'
export { keptName } from './kept_name.js'
export { toSettings } from './options.js'
export { PortSocket } from './port_socket.js'
