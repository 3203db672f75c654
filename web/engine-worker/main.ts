/**
 * Entry of the worker, shared or dedicated. A shared worker gets one control port for each page; a
 * dedicated one gets its only control port in its first message.
 */
import { browserPlatform } from './browser_platform.js'
import { ControlServer } from './control_server.js'

declare const self: (SharedWorkerGlobalScope | DedicatedWorkerGlobalScope) & typeof globalThis

if ('onconnect' in self) {
  const server = new ControlServer(browserPlatform('shared-worker'))
  hearNetwork(server)
  self.onconnect = ({ ports }) => {
    for (const port of ports) server.attach(port)
  }
} else {
  const server = new ControlServer(browserPlatform('worker'))
  hearNetwork(server)
  self.onmessage = ({ ports }: MessageEvent) => {
    for (const port of ports) server.attach(port)
  }
}

/** Also when every page sleeps. What only pages hear, such as their own offline switch, they tell. */
function hearNetwork(server: ControlServer): void {
  for (const type of ['online', 'offline']) {
    self.addEventListener(type, () => void server.network(type === 'online'))
  }
}
