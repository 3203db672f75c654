/** Every bound of the worker and the page, each with its unit in its name. */

/** A commit that is not durable by then has failed; a hung IndexedDB must not hold publishers for ever. */
export const commitMillisMax = 15_000
/** Opening and loading the store: 100 MB take about 1 s, a blocked or hung database takes for ever. */
export const storageOpenMillisMax = 30_000
/** How long a second owner waits for the lock: a reloaded page's old worker needs a moment to die. */
export const lockWaitMillisMax = 1_500
/** A WebSocket that is neither open nor failed by then is given up, if the engine has not done so. */
export const hubDialMillisMax = 30_000
/** A provider of the hub's address and credentials that has not answered by then is not waited for. */
export const hubAskMillisMax = 3_000
/** Larger frames to the hub are cut: some proxies buffer or refuse more. */
export const hubFrameBytesMax = 65_536
/** Less is sent as it is in Node.js, also where the hub takes it compressed: it would hardly be shorter. */
export const hubCompressBytesMin = 128
/** How often a hub socket is asked how much it has still to write. */
export const hubDrainPollMillis = 50
/** The page says what it has taken from a port whenever this much has come together. */
export const portAckBytes = 65_536
/** The page posts at most this much that the worker has not taken, and keeps the rest. */
export const portWindowBytes = 1_048_576
/** What a hub may send while the disk is behind, before it is cut off: its socket cannot be paused. */
export const hubHeldBytesMax = 67_108_864
/** Restarts after traps wait 0, then this, doubled each time, ... */
export const restartMillisMin = 250
/** ... up to this. */
export const restartMillisMax = 30_000
/** A node that lived this long before a trap counts as healthy again. */
export const healthyMillis = 60_000
/** Closing waits this long for the last commit. */
export const closeMillisMax = 10_000
/** How a stream is synced is told at most this often while it changes. */
export const syncEventMillis = 100
/** The page waits this long for an answer of the worker (opening has its own bound). */
export const controlMillisMax = 10_000
/** Opening includes the lock, the download of the Wasm, loading the store, and recovery. */
export const openMillisMax = 60_000
/** Events nobody has read yet, for each iterator; older ones are dropped. */
export const eventsQueuedMax = 1_000
/** Timers stand still while the device sleeps: the engine is asked at least this often what is due. */
export const timerMillisMax = 15_000
/** The wall clock running ahead by less than this between two readings is no sleep. */
export const sleepMillisMin = 3_000
