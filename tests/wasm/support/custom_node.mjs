// A node in this process on a platform that a test shapes: its own storage, a module that can be made to trap.
import { readFileSync } from 'node:fs'
import { Control, ControlServer, createModule, FrondNode, MemoryStorage } from 'frond/internal'

const wasm = new URL('./dist/frond.wasm', import.meta.resolve('frond/package.json'))
const compiled = new WebAssembly.Module(readFileSync(wasm))

/**
 * Opens a node; `traps.next` set to true makes the next bytes that arrive read far outside of the heap, which is a
 * real trap of the real instance. `traps.always` makes every instance trap while it opens.
 */
export async function openCustom({ name = 'custom', hub, storage, openSocket } = {}) {
  const traps = { next: false, always: false }
  const create = async (options) => {
    const module = await createModule(options)
    const received = module._frond_received
    module._frond_received = (connection, length, now) => {
      const wild = traps.next
      traps.next = false
      received(connection, wild ? 0xf0000000 : length, now)
    }
    const open = module.open
    module.open = (...given) => {
      open(...given)
      if (traps.always) received(1, 0xf0000000, Date.now())
    }
    return module
  }
  const server = new ControlServer({
    owner: 'process',
    loadWasm: async () => ({ create, module: compiled }),
    openStorage: async () => storage ?? new MemoryStorage(name),
    openSocket:
      openSocket ??
      (() => {
        throw new Error('no sockets in this test')
      }),
  })
  const { port1, port2 } = new MessageChannel()
  server.attach(port2)
  const control = new Control(port1)
  const settings = { name, domain: name, storage: { kind: 'memory' }, ...(hub && { hub }) }
  try {
    const opened = await control.open(settings)
    return { node: new FrondNode(opened.name, opened.domain, control, () => undefined), traps }
  } catch (error) {
    control.lose(error)
    throw error
  }
}
