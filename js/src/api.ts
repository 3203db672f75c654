/** What both entries have in common: everything public but open(). */
export type {
  Durability,
  LinkCode,
  LinkState,
  LinkStatus,
  NodeEvent,
  NodeStatus,
  Owner,
  StorageStatus,
  SyncedMessage,
  SyncInfo,
} from '../../web/engine-worker/status.js'
export {
  NodeClosedError,
  NodeInUseError,
  OptionsError,
  RequestError,
  StorageError,
  WorkerError,
} from './errors.js'
export type { ConnectOptions, FrondNode, Link } from './frond_node.js'
export type { Live } from './live.js'
export type { HubCredentials, HubOptions, OpenOptions } from './options.js'
export type {
  Condition,
  LiveChange,
  LiveOptions,
  LiveRows,
  QueryGroup,
  QueryOptions,
  QueryResult,
  QueryRow,
  Selector,
} from './query_types.js'
export type { SchemaResult, StandardSchema } from './standard_schema.js'
