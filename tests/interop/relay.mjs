// A TCP relay between a leaf and its hub that a test can cut and restore, and that can be as slow as a phone's way to it:
// the network of the link tests.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

const passing = (voice) =>
  new Transform({ transform: (chunk, _, done) => done(null, voice.heard ? chunk : undefined) })

export class Relay {
  #server
  #sockets = new Set()
  #open = true
  /** What passes now; connections of an earlier silence stay silent for ever. */
  #voice = { heard: true }
  /** How many bytes may still pass toward the target, and what is told when they have. */
  #left = Number.POSITIVE_INFINITY
  #whenSpent = () => {}
  /** Bytes that have come from either side. */
  up = 0
  down = 0

  /** `roundTrip` in milliseconds; half of it each way. */
  constructor(target, { roundTrip = 0 } = {}) {
    this.target = target
    this.roundTrip = roundTrip
  }

  async start() {
    this.#server = createServer((near) => {
      if (!this.#open) {
        near.destroy()
        return
      }
      const voice = this.#voice
      if (!voice.heard) {
        this.#swallow(near)
        return
      }
      const far = connect(this.target, '127.0.0.1')
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.once('close', () => {
          this.#sockets.delete(socket)
          if (!voice.heard) return
          near.destroy()
          far.destroy()
        })
      }
      for (const socket of [near, far]) socket.setNoDelay(true)
      near.on('data', (chunk) => {
        this.up += chunk.length
      })
      far.on('data', (chunk) => {
        this.down += chunk.length
      })
      this.#later(near.pipe(passing(voice)).pipe(this.#counted())).pipe(far)
      this.#later(far.pipe(passing(voice))).pipe(near)
    })
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = this.#server.address().port
    return this
  }

  /** Ends all connections and refuses new ones until restored. */
  cut() {
    this.#open = false
    for (const socket of this.#sockets) socket.destroy()
  }
  restore() {
    this.#open = true
    if (!this.#voice.heard) this.#voice = { heard: true }
  }

  /** Nothing passes any more and nobody is told, as in a tunnel; connections made meanwhile never get an answer. */
  silence() {
    this.#voice.heard = false
  }

  #swallow(socket) {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
    socket.resume()
  }

  /** Cuts by itself when so many more bytes have gone toward the target, in the middle of a message; resolves then. */
  cutAfter(bytes) {
    this.#left = bytes
    return new Promise((resolve) => {
      this.#whenSpent = resolve
    })
  }

  /** What comes out of `from` half a round trip later. */
  #later(from) {
    if (this.roundTrip === 0) return from
    let arrived = Promise.resolve()
    const delayed = new Transform({
      readableHighWaterMark: 64 * 1024 * 1024,
      transform: (chunk, _, done) => {
        arrived = sleep(this.roundTrip / 2).then(() => delayed.push(chunk))
        done()
      },
      flush: (done) => arrived.then(() => done()),
    })
    return from.pipe(delayed)
  }

  #counted() {
    return new Transform({
      transform: (chunk, _, done) => {
        if (chunk.length < this.#left) {
          this.#left -= chunk.length
          done(null, chunk)
          return
        }
        done(null, chunk.subarray(0, this.#left))
        this.#left = Number.POSITIVE_INFINITY
        // The last bytes are on their way before the sockets go.
        setImmediate(() => {
          this.cut()
          this.#whenSpent()
        })
      },
    })
  }

  close() {
    this.cut()
    this.#server.close()
  }
}
