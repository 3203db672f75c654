// Browsers are process groups; whatever a test does, they are gone when the test process is.
import { once } from 'node:events'

const running = new Set()

process.on('exit', () => {
  for (const child of running) killGroup(child)
})
// A test that takes too long is ended by a signal, and would leave its browsers behind.
process.once('SIGTERM', () => process.exit(1))

function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

/** For a child started with `detached`: how to kill it with all that it has started, and its end. */
export function killWithTests(child) {
  running.add(child)
  const ended = once(child, 'exit')
  ended.then(() => running.delete(child))
  const kill = async () => {
    killGroup(child)
    await ended
  }
  return { kill, ended }
}
