// The notebook's data: two streams of the node in this browser. What is written goes into
// NOTES_HERE, which forwards to the hub; NOTES_HUB mirrors the hub's stream NOTES, where the entries
// of all devices end up. An entry is at the hub exactly when it has come back through the mirror, so
// the state shown is read from data, not guessed. Nothing here asks whether there is a network.

import {
  DeliverPolicy,
  JetStreamApiError,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import type { FrondNode } from 'frond'
import type { Hub } from './hub.js'

export interface Entry {
  /** The subject it is stored under: notes.<device>.<id>. */
  key: string
  text: string
  written: Date
  device: string
  mine: boolean
  /** Sequence in this device's stream, when it was written here. */
  here?: number
  /** Sequence in the hub's stream, once it is known to be there. */
  hub?: number
}

const writeMillisMax = 30_000

interface Body {
  text: string
  written: string
}

export class Notebook {
  readonly #entries = new Map<string, Entry>()
  readonly #changed: () => void
  readonly device: string
  readonly nc: NatsConnection

  private constructor(nc: NatsConnection, device: string, changed: () => void) {
    this.nc = nc
    this.device = device
    this.#changed = changed
  }

  /** Declares the streams (which needs no network) and starts to follow them. */
  static async open(node: FrondNode, hub: Hub, changed: () => void): Promise<Notebook> {
    const nc = await node.connect()
    const { name } = node
    const notebook = new Notebook(nc, name, changed)
    const jsm = await jetstreamManager(nc)
    await jsm.streams.add({
      name: 'NOTES_HERE',
      subjects: [`notes.${name}.*`],
      max_msgs_per_subject: 1,
      allow_direct: true,
      metadata: { 'frond.forward': hub.domain },
    })
    await jsm.streams.add({
      name: 'NOTES_HUB',
      mirror: { name: 'NOTES', external: { api: `$JS.${hub.domain}.API`, deliver: '' } },
      max_msgs_per_subject: 1,
      allow_direct: true,
    })
    void notebook.#follow('NOTES_HERE')
    void notebook.#follow('NOTES_HUB')
    return notebook
  }

  /** The newest first. */
  entries(): Entry[] {
    return [...this.#entries.values()].sort(
      (a, b) => b.written.getTime() - a.written.getTime() || (b.here ?? 0) - (a.here ?? 0),
    )
  }

  /** Resolves when the entry is durable in this browser. */
  async write(text: string): Promise<void> {
    const now = new Date()
    const id = `${now.getTime().toString(36)}${Math.random().toString(36).slice(2, 8)}`
    const body: Body = { text, written: now.toISOString() }
    // A busy device answers late, and an entry that was given up may have been kept after all.
    await jetstream(this.nc).publish(`notes.${this.device}.${id}`, JSON.stringify(body), {
      timeout: writeMillisMax,
    })
  }

  /** The hub's stream has to exist once; whoever comes first with a link makes it. */
  async prepareHub(domain: string): Promise<void> {
    const jsm = await jetstreamManager(this.nc, { domain, timeout: 5000 })
    try {
      await jsm.streams.info('NOTES')
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) throw error
      await jsm.streams.add({ name: 'NOTES', subjects: ['notes.>'], allow_direct: true })
    }
  }

  async #follow(stream: string): Promise<void> {
    const consumer = await jetstream(this.nc).consumers.get(stream, {
      deliver_policy: DeliverPolicy.All,
    })
    const messages = await consumer.consume()
    for await (const message of messages) {
      this.#take(stream, message)
      this.#changed()
    }
  }

  #take(stream: string, message: JsMsg): void {
    const device = message.subject.split('.')[1] ?? ''
    let entry = this.#entries.get(message.subject)
    if (!entry) {
      const body = readBody(message)
      entry = {
        key: message.subject,
        text: body.text,
        written: new Date(body.written),
        device,
        mine: device === this.device,
      }
      this.#entries.set(message.subject, entry)
    }
    if (stream === 'NOTES_HERE') entry.here = message.seq
    else entry.hub = message.seq
  }
}

/** Anyone may publish to the hub's stream, so a body that is not ours is shown as plain text. */
function readBody(message: JsMsg): Body {
  const raw = message.string()
  const stored = new Date(Number(message.timestampNanos / 1_000_000n)).toISOString()
  try {
    const body: unknown = JSON.parse(raw)
    if (body && typeof body === 'object' && 'text' in body) {
      const written = 'written' in body ? new Date(String(body.written)) : new Date(Number.NaN)
      return {
        text: String(body.text),
        written: Number.isNaN(written.getTime()) ? stored : written.toISOString(),
      }
    }
  } catch {
    // Not JSON; fall through to the text itself.
  }
  return { text: raw, written: stored }
}
