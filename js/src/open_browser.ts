/** open() in a page: finds or starts the worker that runs the node. */
import type { StorageSettings } from '../../web/engine-worker/messages.js'
import { Control } from './control.js'
import { OptionsError, WorkerError } from './errors.js'
import { FrondNode } from './frond_node.js'
import { keptName } from './kept_name.js'
import { durabilityOf, type OpenOptions, toSettings } from './options.js'

/** Opens the node of this device; every tab of the origin that names it shares it. */
export async function open(options: OpenOptions = {}): Promise<FrondNode> {
  const storage = storageOf(options)
  const name = options.name ?? (await keptName())
  const settings = toSettings(options, name, storage)
  const worker = startWorker(name, options)
  const control = new Control(worker.port)
  const alive = holdLock()
  const hints = watchNetwork(control)
  const release = (): void => {
    hints()
    alive?.release()
    worker.stop()
  }
  let node: FrondNode | undefined
  worker.onFailure((error) => {
    control.lose(error)
    node?.lose(error)
  })
  try {
    const opened = await control.open(settings, (await alive?.held) ? alive?.name : undefined)
    node = new FrondNode(opened.name, opened.domain, control, release)
  } catch (error) {
    control.lose(error as Error)
    release()
    throw error
  }
  if (storage.kind === 'indexeddb') requestDurable()
  return node
}

function storageOf(options: OpenOptions): StorageSettings {
  const { storage = 'indexeddb' } = options
  if (storage === 'memory') return { kind: 'memory' }
  if (storage === 'indexeddb') return { kind: 'indexeddb', durability: durabilityOf(options) }
  throw new OptionsError(`storage: ${JSON.stringify(storage)} is not available in a browser`)
}

interface RunningWorker {
  port: MessagePort
  onFailure(report: (error: Error) => void): void
  stop(): void
}

function startWorker(name: string, options: OpenOptions): RunningWorker {
  // Memory belongs to one page: a shared worker would share it between tabs and lose it by surprise.
  const wantsShared = (options.worker ?? 'shared') === 'shared' && options.storage !== 'memory'
  if (wantsShared && typeof SharedWorker !== 'undefined') {
    const shared = startShared(name, options)
    return {
      port: shared.port,
      onFailure: (report) => {
        shared.onerror = (event) => report(failure(event))
      },
      stop: () => shared.port.close(),
    }
  }
  const worker = startDedicated(name, options)
  const { port1, port2 } = new MessageChannel()
  worker.postMessage(null, [port2])
  return {
    port: port1,
    onFailure: (report) => {
      worker.onerror = (event) => report(failure(event))
    },
    stop: () => worker.terminate(),
  }
}

// Bundlers look for these very forms.
function startShared(name: string, { workerUrl }: OpenOptions): SharedWorker {
  if (workerUrl !== undefined) {
    return new SharedWorker(workerUrl, { type: 'module', name: `frond:${name}` })
  }
  return new SharedWorker(new URL('./worker.js', import.meta.url), {
    type: 'module',
    name: `frond:${name}`,
  })
}

function startDedicated(name: string, { workerUrl }: OpenOptions): Worker {
  if (workerUrl !== undefined) {
    return new Worker(workerUrl, { type: 'module', name: `frond:${name}` })
  }
  return new Worker(new URL('./worker.js', import.meta.url), {
    type: 'module',
    name: `frond:${name}`,
  })
}

function failure(event: Event): Error {
  const { message } = event as ErrorEvent
  return new WorkerError(message || 'the worker could not be loaded')
}

/**
 * Held until release() or the page's death: the shared worker learns of both by it. `held` is false
 * where the browser denies locks, as it does where site data are blocked.
 */
function holdLock(): { name: string; held: Promise<boolean>; release: () => void } | undefined {
  if (navigator.locks === undefined) return undefined
  const name = `frond-page:${crypto.randomUUID()}`
  let release = (): void => undefined
  const held = new Promise<boolean>((resolve) => {
    const hold = (): Promise<void> => {
      resolve(true)
      return new Promise<void>((done) => {
        release = done
      })
    }
    navigator.locks.request(name, hold).catch(() => resolve(false))
  })
  return { name, held, release: () => release() }
}

/** Tells the node when the device may have become reachable; answers how to stop that. */
function watchNetwork(control: Control): () => void {
  if (typeof window === 'undefined') return () => undefined
  const stop = new AbortController()
  const { signal } = stop
  const tell = (): void => control.network(navigator.onLine)
  for (const type of ['online', 'offline', 'pageshow']) {
    window.addEventListener(type, tell, { signal })
  }
  document.addEventListener('resume', tell, { signal })
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') tell()
    },
    { signal },
  )
  return () => stop.abort()
}

/** Asks the browser not to evict the origin; status() says whether it has agreed. */
function requestDurable(): void {
  if (typeof window === 'undefined') return
  navigator.storage?.persist?.().catch(() => false)
}
