/** Frond in Node.js: the same interface as in a page, the node in this process. */
export * from './api.js'
export { open } from './open_node.js'
