/** The two errors of a store; every layer above hands them on as they are. */

/** Storage cannot be opened, read or written. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}

/** Another tab or process has this node open. */
export class NodeInUseError extends Error {
  override readonly name = 'NodeInUseError'
}
