/**
 * The two clocks that every input of the engine carries, in milliseconds. The wall clock may be set;
 * the monotonic one may not, but in browsers and in Node.js it stands still while the device sleeps,
 * where the engine's waits must go on. So the wall clock's surplus between two readings counts as
 * sleep, once it is more than what setting a clock right takes away or adds. A wall clock that is set
 * far forward cannot be told from sleep and lets time pass, as it would on a server that was off.
 */
import { sleepMillisMin } from '../limits.js'

export class NodeClock {
  /** From any origin; never less than at the reading before. */
  monotonic = 0
  /** Since the Unix epoch. */
  wall = 0
  private steady: number
  private readonly steadyNow: () => number
  private readonly wallNow: () => number

  constructor(steadyNow = () => performance.now(), wallNow = () => Date.now()) {
    this.steadyNow = steadyNow
    this.wallNow = wallNow
    this.steady = steadyNow()
    this.wall = wallNow()
  }

  /** Takes a reading of both. What is no number changes nothing. */
  read(): this {
    const steady = this.steadyNow()
    const wall = this.wallNow()
    if (!Number.isFinite(steady) || !Number.isFinite(wall)) return this
    const passed = Math.max(0, steady - this.steady)
    const surplus = wall - this.wall - passed
    this.monotonic += passed + (surplus >= sleepMillisMin ? surplus : 0)
    this.steady = steady
    this.wall = wall
    return this
  }
}
