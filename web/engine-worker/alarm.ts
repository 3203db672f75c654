/** Calls once when the engine's next deadline has come; each new deadline replaces the one before. */
import { timerMillisMax } from '../limits.js'

const never = Number.POSITIVE_INFINITY

/**
 * A task of its own, behind what others have posted by then. A timer of 0 ms would be one too, but waits
 * for 4 ms where browsers find that timers set timers, as the turns of a long query do.
 */
const soon: (work: () => void) => void =
  (globalThis as { setImmediate?: (work: () => void) => void }).setImmediate ?? overChannel()

function overChannel(): (work: () => void) => void {
  const { port1, port2 } = new MessageChannel()
  const waiting: (() => void)[] = []
  port1.onmessage = () => waiting.shift()?.()
  return (work) => {
    waiting.push(work)
    port2.postMessage(null)
  }
}

export class Alarm {
  private readonly ring: () => void
  private timer: ReturnType<typeof setTimeout> | undefined
  private at = never

  constructor(ring: () => void) {
    this.ring = ring
  }

  /** `millis` tells how far off `at` is. */
  set(at: number, millis: () => number): void {
    if (at === this.at) return
    this.stop()
    this.at = at
    if (at === never) return
    const ring = (): void => {
      if (this.at !== at) return
      this.at = never
      this.ring()
    }
    const delay = Math.min(millis(), timerMillisMax)
    if (delay > 0) this.timer = setTimeout(ring, delay)
    else soon(ring)
  }

  stop(): void {
    clearTimeout(this.timer)
    this.at = never
  }
}
