/**
 * The worker's end of the control ports, one for each page that uses the node. The first page that
 * opens starts the node, the last one that closes or dies stops it.
 */

import { hubAskMillisMax } from '../limits.js'
import {
  type ControlReply,
  type ControlRequest,
  type HubSettings,
  type NodeEvent,
  type NodeSettings,
  type Opened,
  toWireError,
} from './messages.js'
import { NodeServer } from './node_server.js'
import type { Platform } from './platform.js'

type Answered = Exclude<ControlRequest, { type: 'network' | 'hub_is' }>
type HubAnswer = Extract<ControlRequest, { type: 'hub_is' }>

interface Page {
  port: MessagePort
  opened: boolean
  /** Has a provider of the hub's settings. */
  asksHub: boolean
  /** Each ends one of the page's clients. */
  clients: (() => void)[]
}

export class ControlServer {
  private readonly platform: Platform
  private readonly pages = new Set<Page>()
  private server: Promise<NodeServer> | undefined
  /** The previous node on its way out: a new one must not take its lock from under it. */
  private stopping: Promise<void> = Promise.resolve()
  private readonly asked = new Map<number, (answer: HubAnswer) => void>()
  private lastAsk = 0

  constructor(platform: Platform) {
    this.platform = platform
  }

  attach(port: MessagePort): void {
    const page: Page = { port, opened: false, asksHub: false, clients: [] }
    this.pages.add(page)
    port.onmessage = ({ data }: MessageEvent<ControlRequest>) => {
      if (data.type === 'network') void this.network(data.online)
      else if (data.type === 'hub_is') this.asked.get(data.ask)?.(data)
      else void this.answer(page, data)
    }
    port.start?.()
  }

  private async answer(page: Page, request: Answered): Promise<void> {
    const { id } = request
    try {
      reply(page, { type: 'reply', id, value: await this.carryOut(page, request) })
    } catch (error) {
      reply(page, { type: 'failed', id, error: toWireError(error) })
    }
    if (request.type === 'close') page.port.close()
  }

  private async carryOut(page: Page, request: Answered): Promise<unknown> {
    if (request.type === 'open') return this.open(page, request)
    if (request.type === 'close') return this.leave(page)
    const server = await this.started(page)
    switch (request.type) {
      case 'connect': {
        const handle = server.connect(request.port)
        page.clients.push(() => server.disconnect(handle))
        return null
      }
      case 'status':
        return server.status()
      case 'pause':
        server.pauseLink()
        return null
      case 'resume':
        server.resumeLink()
        return null
      case 'hub':
        await server.setHub(request.hub)
        return null
      case 'settle':
        await server.settle()
        return null
    }
  }

  private async open(
    page: Page,
    { settings, aliveLock, asksHub }: Extract<ControlRequest, { type: 'open' }>,
  ): Promise<Opened> {
    page.opened = true
    page.asksHub = asksHub === true
    await this.makeRoom()
    if (aliveLock !== undefined) this.watch(page, aliveLock)
    const starting =
      this.server ??
      this.stopping.then(() =>
        NodeServer.start(
          settings,
          this.platform,
          (event) => this.publish(event),
          () => this.askHub(),
        ),
      )
    this.server = starting
    let server: NodeServer
    try {
      server = await starting
    } catch (error) {
      page.opened = false
      if (this.server === starting) this.server = undefined
      throw error
    }
    const running = server.settings
    const different = difference(running, settings)
    if (different !== undefined) {
      await this.leave(page)
      throw Object.assign(new Error(different), { name: 'OptionsError' })
    }
    // A page that comes later may have newer credentials.
    if (settings.hub !== undefined && !page.asksHub) await server.setHub(settings.hub)
    return { name: running.name, domain: running.domain }
  }

  /** A node that has lost its store is there for its status only. */
  private async makeRoom(): Promise<void> {
    const starting = this.server
    const server = await starting?.catch(() => undefined)
    if (server?.lost === undefined || this.server !== starting) return
    this.server = undefined
    this.stopping = server.close()
  }

  private async started(page: Page): Promise<NodeServer> {
    if (this.server === undefined || !page.opened) throw new Error('the node is not open')
    return this.server
  }

  private async leave(page: Page): Promise<void> {
    if (!this.pages.delete(page)) return
    const server = await this.server?.catch(() => undefined)
    for (const disconnect of page.clients.splice(0)) disconnect()
    const needed = [...this.pages].some((other) => other.opened)
    if (needed || server === undefined) return
    this.server = undefined
    this.stopping = server.close()
    await this.stopping
  }

  /** The page holds this lock for as long as it lives; getting it means that the page is gone. */
  private watch(page: Page, aliveLock: string): void {
    navigator.locks.request(aliveLock, () => this.leave(page)).catch(() => undefined)
  }

  /** The device has, or has not, a network. */
  async network(online: boolean): Promise<void> {
    const server = await this.server?.catch(() => undefined)
    server?.networkHint(online)
  }

  /** The first page that has a provider and answers; nothing when none has one. */
  private askHub(): Promise<HubSettings | undefined> {
    const providers = [...this.pages].filter((page) => page.opened && page.asksHub)
    if (providers.length === 0) return Promise.resolve(undefined)
    const ask = ++this.lastAsk
    return new Promise<HubSettings | undefined>((resolve, reject) => {
      // A dead page does not answer, and nobody waits for it for ever.
      const forget = setTimeout(() => this.asked.delete(ask), 10 * hubAskMillisMax)
      this.asked.set(ask, ({ hub, error }) => {
        clearTimeout(forget)
        this.asked.delete(ask)
        if (error === undefined) resolve(hub)
        else reject(new Error(error))
      })
      for (const page of providers) reply(page, { type: 'ask_hub', ask })
    })
  }

  private publish(event: NodeEvent): void {
    for (const page of this.pages) if (page.opened) reply(page, { type: 'event', event })
  }
}

function reply(page: Page, message: ControlReply): void {
  page.port.postMessage(message)
}

/** What another page of a running node asks for that it does not have; a hub and bounds may be left out. */
function difference(running: NodeSettings, asked: NodeSettings): string | undefined {
  const has = comparable(running)
  for (const [option, value] of Object.entries(comparable(asked))) {
    const now = has[option]
    if (value !== undefined && value !== now) {
      return `${option}: the node is open in another tab with ${now ?? 'none'}; close it there first`
    }
  }
  return undefined
}

function comparable(settings: NodeSettings): Record<string, string | number | undefined> {
  const { domain, storage, hub } = settings
  return {
    domain,
    durability: storage.kind === 'indexeddb' ? storage.durability : undefined,
    'hub.url': hub?.url,
    'hub.domain': hub?.domain,
    'limits.storageBytes': settings.storageBytesMax,
    'limits.memoryBytes': settings.memoryBytesMax,
  }
}
