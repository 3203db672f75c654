// A TCP relay between a leaf and its hub that a test can cut, hold silent and restore: the network of the link tests.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Transform } from 'node:stream'

export class Relay {
  #server
  #sockets = new Set()
  #open = true
  /** How many bytes may still pass toward the target, and what is told when they have. */
  #left = Number.POSITIVE_INFINITY
  #whenSpent = () => {}

  constructor(target) {
    this.target = target
  }

  async start() {
    this.#server = createServer((near) => {
      if (!this.#open) {
        near.destroy()
        return
      }
      const far = connect(this.target, '127.0.0.1')
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.once('close', () => {
          this.#sockets.delete(socket)
          near.destroy()
          far.destroy()
        })
      }
      near.pipe(this.#counted()).pipe(far)
      far.pipe(near)
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
  }

  /** Cuts by itself when so many more bytes have gone toward the target, in the middle of a message; resolves then. */
  cutAfter(bytes) {
    this.#left = bytes
    return new Promise((resolve) => {
      this.#whenSpent = resolve
    })
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
