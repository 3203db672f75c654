// A node in this process on a platform that a test shapes: its own storage, a module that can be made to trap.
import { readFileSync } from 'node:fs'
import { Control, ControlServer, createModule, FrondNode, MemoryStorage } from 'frond/internal'

const wasm = new URL('./dist/frond.wasm', import.meta.resolve('frond/package.json'))
const compiled = new WebAssembly.Module(readFileSync(wasm))

/**
 * Opens a node; `traps.next` set to true wrecks the heap before the next bytes arrive, which ends in a real trap of the
 * real instance: no pointer in it is valid any more. `traps.always` makes every instance trap while it opens.
 */
export async function openCustom({ name = 'custom', hub, storage, openSocket } = {}) {
  const traps = { next: false, always: false }
  const create = async (options) => {
    const module = await createModule(options)
    // In front of the module, not in it: Emscripten replaces its own exports at their first call.
    return Object.assign(Object.create(module), {
      _frond_received(connection, length, now) {
        if (traps.next) module.HEAPU8.fill(0xff)
        traps.next = false
        module._frond_received(connection, length, now)
      },
      open(...given) {
        module.open(...given)
        if (!traps.always) return
        module.HEAPU8.fill(0xff)
        module._frond_received(1, 0, Date.now())
      },
    })
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
