/** The errors of this package. Each has a stable `name`, which also survives the way to a worker. */
import { NodeInUseError, StorageError } from '../../web/storage/errors.js'

/** The options given to open() cannot work; the message names the option. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError'
}

/** The node was closed, or its worker has gone. */
export class NodeClosedError extends Error {
  override readonly name = 'NodeClosedError'
}

/** The worker did not start or did not answer in time. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError'
}

/** The node refused a request; `code` is the one of its answer, if it had one. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: number | undefined
  constructor(message: string, code?: number) {
    super(message)
    this.code = code
  }
}

export { NodeInUseError, StorageError }

const byName = { NodeInUseError, StorageError, OptionsError, NodeClosedError, WorkerError }

/** The error that a worker reported, as the class it had there. */
export function fromWireError(error: { name: string; message: string }): Error {
  const known = byName[error.name as keyof typeof byName]
  if (known !== undefined) return new known(error.message)
  return new WorkerError(error.name === 'Error' ? error.message : `${error.name}: ${error.message}`)
}
