/** As internal.ts, with what only Node.js has. No promise is made about anything in here. */

export { default as createModule } from 'frond-wasm'
export { ClientPort } from '../../web/engine-worker/client_port.js'
export { ControlServer } from '../../web/engine-worker/control_server.js'
export { HubSocket } from '../../web/engine-worker/hub_socket.js'
export { NodeClock } from '../../web/engine-worker/node_clock.js'
export { NodeServer } from '../../web/engine-worker/node_server.js'
export type { Platform } from '../../web/engine-worker/platform.js'
export { signerFromSeed } from '../../web/engine-worker/signer.js'
export { SyncWatch } from '../../web/engine-worker/sync_watch.js'
export { type Outputs, WasmNode, type WasmSource } from '../../web/engine-worker/wasm_node.js'
export { DirectoryStorage } from '../../web/storage/directory.js'
export * from './internal.js'
