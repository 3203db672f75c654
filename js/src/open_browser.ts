/** open() in a page: finds or starts the worker that runs the node. */
import type { NodeSettings, StorageSettings } from '../../web/engine-worker/messages.js'
import { lockWaitMillisMax } from '../../web/limits.js'
import { Control } from './control.js'
import { OptionsError, WorkerError } from './errors.js'
import { FrondNode } from './frond_node.js'
import { provideHub } from './hub_provider.js'
import { keptName } from './kept_name.js'
import {
  durabilityOf,
  type HubOptions,
  makeName,
  type OpenOptions,
  refuseUnknown,
  toSettings,
} from './options.js'

/** Opens the node of this device; every tab of the origin that names it shares it. */
export async function open(options: OpenOptions = {}): Promise<FrondNode> {
  refuseUnknown(options)
  const storage = storageOf(options)
  const { name = await nameFor(storage) } = options
  const settings = toSettings(options, name, storage)
  // Memory belongs to one page: a shared worker would share it between tabs and lose it by surprise.
  if (options.worker !== 'dedicated' && storage.kind !== 'memory') {
    try {
      return await openIn(() => sharedWorker(name, options), settings, options.hub)
    } catch (error) {
      // Browsers start none where site data are blocked, though they start dedicated ones.
      if (!(error instanceof WorkerNotStarted)) throw error
    }
  }
  return openIn(() => dedicatedWorker(name, options), settings, options.hub)
}

async function openIn(
  start: () => RunningWorker,
  settings: NodeSettings,
  hub: HubOptions | undefined,
): Promise<FrondNode> {
  const worker = start()
  const control = new Control(worker.port)
  provideHub(control, hub, settings.domain)
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
    if (!navigator.onLine) control.network(false)
  } catch (error) {
    control.lose(error as Error)
    release()
    throw error
  }
  if (settings.storage.kind === 'indexeddb') requestDurable()
  return node
}

function storageOf(options: OpenOptions): StorageSettings {
  const { storage = 'indexeddb' } = options
  if (storage === 'memory') return { kind: 'memory' }
  if (storage === 'indexeddb') return { kind: 'indexeddb', durability: durabilityOf(options) }
  throw new OptionsError(`storage: ${JSON.stringify(storage)} is not available in a browser`)
}

/** What is in memory only is another node in each tab and after each reload, also to the hub. */
async function nameFor(storage: StorageSettings): Promise<string> {
  return storage.kind === 'memory' ? makeName() : keptName()
}

interface RunningWorker {
  port: MessagePort
  onFailure(report: (error: Error) => void): void
  stop(): void
}

function sharedWorker(node: string, options: OpenOptions): RunningWorker {
  const worker = started(() => startShared(`frond:${node}`, options), options)
  return {
    port: worker.port,
    onFailure: (report) => {
      worker.onerror = (event) => report(failure(event, options))
    },
    stop: () => worker.port.close(),
  }
}

function dedicatedWorker(node: string, options: OpenOptions): RunningWorker {
  const worker = started(() => startDedicated(`frond:${node}`, options), options)
  const { port1, port2 } = new MessageChannel()
  worker.postMessage(null, [port2])
  return {
    port: port1,
    onFailure: (report) => {
      worker.onerror = (event) => report(failure(event, options))
    },
    stop: () => worker.terminate(),
  }
}

/** Constructors throw where there is no such worker, or the page may not have it. */
function started<W>(start: () => W, { workerUrl }: OpenOptions): W {
  try {
    return start()
  } catch (error) {
    throw new WorkerNotStarted(notStarted(workerUrl, String(error)))
  }
}

// No literal beside `import.meta.url`, which bundlers would take for one more file to copy.
const here = import.meta.url
/** Vite's development server moves the code away from its files, which it mostly serves as well. */
const movedFrom = /.*(?=\/\.vite\/deps\/)/.exec(here)?.[0]
const moved = movedFrom && `${movedFrom}/frond/dist/worker.js`

/*
 * Bundlers look for these very forms. Vite 5 evaluates the options by themselves, where no variable
 * is to be had: hence `typeof`.
 */
function startShared(name: string, { workerUrl = moved }: OpenOptions): SharedWorker {
  if (workerUrl !== undefined) return new SharedWorker(workerUrl, { type: 'module', name })
  return new SharedWorker(new URL('./worker.js', import.meta.url), {
    type: 'module',
    name: typeof name === 'string' ? name : '',
  })
}

function startDedicated(name: string, { workerUrl = moved }: OpenOptions): Worker {
  if (workerUrl !== undefined) return new Worker(workerUrl, { type: 'module', name })
  return new Worker(new URL('./worker.js', import.meta.url), {
    type: 'module',
    name: typeof name === 'string' ? name : '',
  })
}

/** No worker has run: another kind of worker may. */
class WorkerNotStarted extends WorkerError {}

function failure(event: Event, { workerUrl }: OpenOptions): Error {
  const { message } = event as ErrorEvent
  return message ? new WorkerError(message) : new WorkerNotStarted(notStarted(workerUrl))
}

function notStarted(workerUrl: string | URL | undefined, cause = ''): string {
  const beside = here.startsWith('http') ? new URL('worker.js', here) : 'worker.js'
  const url = workerUrl ?? moved ?? beside
  const advice = moved
    ? "add optimizeDeps: { exclude: ['frond'], include: ['frond > @nats-io/nats-core'] } to Vite's configuration"
    : 'serve worker.js and frond.wasm of frond/dist there, or say with workerUrl where they are'
  return `no worker could be started from ${url}: ${cause || advice}`
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
    // A page that is not shown yet gets no lock before it is.
    setTimeout(() => resolve(false), lockWaitMillisMax)
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
