// A TCP relay between a leaf and its hub that a test can cut, hold silent and restore: the network of the link tests.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

export class Relay {
  #server
  #sockets = new Set()
  #open = true

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
      near.pipe(far)
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
  close() {
    this.cut()
    this.#server.close()
  }
}
