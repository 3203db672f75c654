// A node in this process on a platform that a test shapes: its own storage, a module that can be made to trap.
import { readFileSync } from 'node:fs'
import { Control, ControlServer, createModule, FrondNode, MemoryStorage } from 'frond/internal'

const wasm = new URL('./dist/frond.wasm', import.meta.resolve('frond/package.json'))
const compiled = new WebAssembly.Module(readFileSync(wasm))

// (module (func (export "trap") unreachable)): a broken heap would do as well, but may also loop for ever.
const trapModule = new WebAssembly.Module(
  Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 0x74, 0x72, 0x61,
    0x70, 0, 0, 10, 5, 1, 3, 0, 0, 11,
  ]),
)
const { trap } = new WebAssembly.Instance(trapModule).exports

/**
 * Opens a node; `traps.next` set to true makes the next bytes that arrive end in a WebAssembly trap, as an assertion of
 * the engine does. `traps.always` makes every instance trap while it opens.
 */
export async function openCustom({ name = 'custom', hub, storage, openSocket } = {}) {
  const traps = { next: false, always: false }
  let heapBytes = () => 0
  const create = async (options) => {
    const module = await createModule(options)
    heapBytes = () => module.HEAPU8.length
    // In front of the module, not in it: Emscripten replaces its own exports at their first call.
    return Object.assign(Object.create(module), {
      _frond_received(...given) {
        const trapping = traps.next
        traps.next = false
        if (trapping) trap()
        module._frond_received(...given)
      },
      _frond_open(...given) {
        const unreadable = module._frond_open(...given)
        if (traps.always) trap()
        return unreadable
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
    const node = new FrondNode(opened.name, opened.domain, control, () => undefined)
    return { node, traps, heapBytes: () => heapBytes() }
  } catch (error) {
    control.lose(error)
    throw error
  }
}
