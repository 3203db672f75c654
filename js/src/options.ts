/** What open() takes, and how it becomes what the worker takes. */
import type {
  HubSettings,
  NodeSettings,
  StorageSettings,
} from '../../web/engine-worker/settings.js'
import type { Durability } from '../../web/engine-worker/status.js'
import { OptionsError } from './errors.js'

/** Who the node is to the hub, in one of these ways. */
export interface HubCredentials {
  user?: string
  password?: string
  token?: string
  /** Contents of a credentials file: a JWT and an nkey seed. */
  creds?: string
  nkeySeed?: string
  /** With the `nkeySeed` to sign with. */
  jwt?: string
}

/** How to reach the hub: a nats-server with a WebSocket listener that accepts leaf nodes. */
export interface HubOptions extends HubCredentials {
  /** `ws://` or `wss://`; the path `/leafnode` is added when there is none. */
  url: string
  /** JetStream domain of the hub. */
  domain?: string
  /** Asked before each dial, in place of fixed credentials: for those that expire. Of open() only. */
  credentials?: () => HubCredentials | Promise<HubCredentials>
}

export interface OpenOptions {
  /** Name of this device's node: letters, digits, `-`, `_`. Made once and kept when left out. */
  name?: string
  /** Where streams are kept; a directory in Node.js only. */
  storage?: 'indexeddb' | 'memory' | { directory: string }
  /** `relaxed` survives a killed browser, `strict` also a power cut and costs about half as much again. */
  durability?: Durability
  /** JetStream domain of this node; its name when left out. */
  domain?: string
  hub?: HubOptions
  /** Bounds of what streams may take, in bytes. */
  limits?: { storageBytes?: number; memoryBytes?: number }
  /** `shared`: one worker for all tabs, where the browser has it (the default); else one a tab. */
  worker?: 'shared' | 'dedicated'
  /** Where worker.js lies, for bundlers that do not follow `new URL(…, import.meta.url)`. */
  workerUrl?: string | URL
}

const known = 'name storage durability domain hub limits worker workerUrl'
const credentialKeys = ['user', 'password', 'token', 'jwt', 'nkeySeed', 'creds'] as const
export const knownOfCredentials: string = credentialKeys.join(' ')
const knownOfHub = `url domain credentials ${knownOfCredentials}`
const nameForm = /^[A-Za-z0-9_-]{1,64}$/
const seedForm = /^SU[A-Z2-7]{56}$/
const leafPath = '/leafnode'

/** A misspelt option would be one left out. */
export function refuseUnknown(given: object, names = known, above = ''): void {
  if (given === null || typeof given !== 'object') {
    throw new OptionsError(`${above || 'open'}: ${quote(given)} is no object`)
  }
  for (const key of Object.keys(given)) {
    if (!names.split(' ').includes(key)) {
      const path = above ? `${above}.${key}` : key
      throw new OptionsError(`${path}: is no option; there are ${names.replaceAll(' ', ', ')}`)
    }
  }
}

/** Checks the options; throws OptionsError with the option's name in its message. */
export function toSettings(
  options: OpenOptions,
  name: string,
  storage: StorageSettings,
): NodeSettings {
  nameOf('name', name)
  const { worker = 'shared', workerUrl } = options
  if (worker !== 'shared' && worker !== 'dedicated') {
    throw new OptionsError(`worker: ${quote(worker)} is neither shared nor dedicated`)
  }
  if (workerUrl !== undefined && typeof workerUrl !== 'string' && !(workerUrl instanceof URL)) {
    throw new OptionsError(`workerUrl: ${quote(workerUrl)} is no URL`)
  }
  durabilityOf(options)
  const { domain = name } = options
  nameOf('domain', domain)
  const settings: NodeSettings = { name, domain, storage }
  if (options.hub !== undefined) settings.hub = hubSettings(options.hub, domain)
  const { limits = {} } = options
  refuseUnknown(limits, 'storageBytes memoryBytes', 'limits')
  const { storageBytes, memoryBytes } = limits
  if (storageBytes !== undefined) settings.storageBytesMax = bytes('storageBytes', storageBytes)
  if (memoryBytes !== undefined) settings.memoryBytesMax = bytes('memoryBytes', memoryBytes)
  return settings
}

function nameOf(option: string, name: unknown): void {
  if (typeof name !== 'string' || !nameForm.test(name)) {
    throw new OptionsError(`${option}: ${quote(name)} is not ${nameForm.source.slice(1, -1)}`)
  }
}

export function durabilityOf(options: OpenOptions): Durability {
  const { durability = 'relaxed' } = options
  if (durability !== 'relaxed' && durability !== 'strict') {
    throw new OptionsError(`durability: ${quote(durability)} is neither relaxed nor strict`)
  }
  return durability
}

/** A random name for a device that has none yet. */
export function makeName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  return `frond-${Array.from(bytes, (byte) => byte.toString(36).padStart(2, '0')).join('')}`
}

/** `domain` is the node's own. */
export function hubSettings(hub: HubOptions, domain: string): HubSettings {
  refuseUnknown(hub, knownOfHub, 'hub')
  const settings: HubSettings = { url: hubUrl(hub.url) }
  if (hub.domain !== undefined) {
    nameOf('hub.domain', hub.domain)
    // Two domains of one name would answer each other's JetStream requests.
    if (hub.domain === domain) throw new OptionsError("hub.domain: is this node's own domain")
    settings.domain = hub.domain
  }
  const { credentials } = hub
  if (credentials !== undefined && typeof credentials !== 'function') {
    throw new OptionsError('hub.credentials: is no function')
  }
  for (const key of credentialKeys) {
    const value = hub[key]
    if (value === undefined) continue
    if (credentials !== undefined)
      throw new OptionsError(`hub.${key}: is for hub.credentials to give`)
    if (typeof value !== 'string') throw new OptionsError(`hub.${key}: is no text`)
    if (key !== 'creds') settings[key] = value
  }
  if ((hub.user === undefined) !== (hub.password === undefined)) {
    throw new OptionsError('hub.user: and hub.password belong together')
  }
  const { user, token, creds, nkeySeed = hub.jwt } = hub
  if ([user, token, creds, nkeySeed].filter((way) => way !== undefined).length > 1) {
    throw new OptionsError('hub: takes one of user, token, creds and nkeySeed')
  }
  if (creds !== undefined) Object.assign(settings, takeApart(creds))
  if (settings.jwt !== undefined && settings.nkeySeed === undefined) {
    throw new OptionsError('hub.jwt: needs nkeySeed to sign with')
  }
  // Only the form: whether its checksum holds is found out where it is used, in the worker.
  if (settings.nkeySeed !== undefined && !seedForm.test(settings.nkeySeed.trim())) {
    throw new OptionsError("hub.nkeySeed: is not a user's nkey seed")
  }
  return settings
}

function hubUrl(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new OptionsError(`hub.url: ${quote(text)} is no URL`)
  }
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new OptionsError(`hub.url: ${url.protocol} is neither ws: nor wss:`)
  }
  if (url.username || url.password) {
    throw new OptionsError('hub.url: give user and password as options, not in the URL')
  }
  if (url.pathname === '/') url.pathname = leafPath
  url.hash = ''
  return url.href
}

/** A credentials file holds two PEM-like blocks; what is outside of them is for people. */
function takeApart(creds: string): { jwt: string; nkeySeed: string } {
  const blocks = [...creds.matchAll(/-{3,}BEGIN [^\n]*-{3,}\s+([\s\S]*?)\s+-{3,}END/g)]
  const jwt = blocks[0]?.[1]?.trim()
  const nkeySeed = blocks[1]?.[1]?.trim()
  if (!jwt || !nkeySeed) throw new OptionsError('hub.creds: is not a credentials file')
  return { jwt, nkeySeed }
}

function bytes(key: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new OptionsError(`limits.${key}: ${quote(value)} is no number of bytes`)
  }
  return value
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
