/** Frond in a page: `open()` gives a NATS node that lives in a worker of this origin. */
export * from './api.js'
export { open } from './open_browser.js'
