// A node of the npm package in a process of its own (package_process.mjs), spoken to in lines of JSON, so that a test can
// kill it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('package_process.mjs', import.meta.url))

export class PackageProcess {
  #child
  #waiting = new Map()
  #next = 1

  constructor(directory, url) {
    Object.assign(this, { directory, url })
  }

  async start() {
    const child = spawn(process.execPath, [program, this.directory, this.url], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child = child
    process.once('exit', () => child.kill('SIGKILL'))
    const opened = this.#answer(0)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, result, error } = JSON.parse(line)
      const { resolve, reject } = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error) reject(new Error(error))
      else resolve(result)
    })
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the process has ended'))
      this.#waiting.clear()
    })
    await opened
    return this
  }

  #answer(id) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no answer from the process')), 15_000)
      const settle = (end) => (value) => {
        clearTimeout(timer)
        end(value)
      }
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
    })
  }

  /** What the command results in. */
  do(name, fields = {}) {
    const id = this.#next++
    const answer = this.#answer(id)
    this.#child.stdin.write(`${JSON.stringify({ id, do: name, ...fields })}\n`)
    return answer
  }

  async kill() {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
