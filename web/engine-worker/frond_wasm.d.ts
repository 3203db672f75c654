/** build/<preset>/wasm/frond.mjs under the name that js/build.mjs gives it. */
declare module 'frond-wasm' {
  import type { ModuleFactory } from './wasm_module.js'

  const create: ModuleFactory
  export default create
}
