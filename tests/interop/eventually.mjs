// Waiting for what another process does in its own time, bounded.
import { setTimeout as sleep } from 'node:timers/promises'

/** Calls `probe` until it returns something true; its last error or value is in the message when time is up. */
export async function eventually(what, probe, ms = 15_000) {
  const deadline = Date.now() + ms
  let last
  for (;;) {
    try {
      last = await probe()
      if (last) return last
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms; last: ${last}`)
    await sleep(50)
  }
}
