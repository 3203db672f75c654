/**
 * Opens an IndexedDB database within a bound, and tells apart why one cannot be opened. Only where the
 * browser has no IndexedDB or the user's settings forbid it may a node do without; a database that is
 * there and cannot be opened is an error to show, never a reason to begin with nothing.
 */
import { storageOpenMillisMax } from '../limits.js'
import { StorageError, within } from './storage.js'

/** There is no IndexedDB here, or the user's settings forbid it. */
export class IndexedDbUnavailable extends Error {
  override readonly name = 'IndexedDbUnavailable'
}

/** The database is not there, and this opening was not to make it. */
export class NoSuchDatabase extends Error {
  override readonly name = 'NoSuchDatabase'
}

export interface DatabaseForm {
  name: string
  version: number
  /** Makes what is missing. Without it a database that is not there is not made. */
  upgrade?: (database: IDBDatabase, transaction: IDBTransaction, oldVersion: number) => void
}

/** Chromium begins a database anew that it finds damaged, and says so nowhere but here. */
interface UpgradeEvent extends IDBVersionChangeEvent {
  dataLoss?: 'none' | 'total'
  dataLossMessage?: string
}

/** This context's factory; some browsers throw at its very name where site data are blocked. */
export function indexedDbHere(): IDBFactory | undefined {
  try {
    return globalThis.indexedDB ?? undefined
  } catch {
    return undefined
  }
}

export function openDatabase(
  factory: IDBFactory | undefined,
  { name, version, upgrade }: DatabaseForm,
): Promise<IDBDatabase> {
  let late = false
  const opened = new Promise<IDBDatabase>((resolve, reject) => {
    if (factory === undefined) throw new IndexedDbUnavailable('IndexedDB is not available here')
    let request: IDBOpenDBRequest
    try {
      request = factory.open(name, version)
    } catch (error) {
      reject(openError(error))
      return
    }
    let refusal: Error | undefined
    request.onupgradeneeded = (event) => {
      const { oldVersion, dataLoss, dataLossMessage } = event as UpgradeEvent
      const transaction = request.transaction as IDBTransaction
      if (dataLoss !== undefined && dataLoss !== 'none') {
        refusal = new StorageError(`open: the browser has removed ${name}: ${dataLossMessage}`)
      } else if (oldVersion === 0 && upgrade === undefined) refusal = new NoSuchDatabase(name)
      if (refusal !== undefined) transaction.abort()
      else upgrade?.(request.result, transaction, oldVersion)
    }
    request.onsuccess = () => {
      // Nobody waits any more; left open it would block a deletion.
      if (late) request.result.close()
      else resolve(request.result)
    }
    request.onerror = (event) => {
      event.preventDefault()
      reject(refusal ?? openError(request.error))
    }
  })
  return within(storageOpenMillisMax, opened, () => {
    late = true
    return new StorageError(`opening ${name} took longer than ${storageOpenMillisMax} ms`)
  })
}

/**
 * Chromium says UnknownError both for blocked site data and for a damaged store, and Firefox says
 * InvalidStateError in private windows (before 115) and elsewhere: their texts tell which. A text that
 * changes makes an error of what was a node in memory, which is the safe side.
 */
const forbidden = /denied permission|did not allow mutations/

function openError(error: unknown): Error {
  const blocked =
    error instanceof Error && (error.name === 'SecurityError' || forbidden.test(error.message))
  return blocked ? new IndexedDbUnavailable(textOf(error)) : asStorageError('open', error)
}

export function asStorageError(step: string, error: unknown): StorageError {
  return error instanceof StorageError ? error : new StorageError(`${step}: ${textOf(error)}`)
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
