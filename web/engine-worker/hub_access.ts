/**
 * Where the node's hub is and as whom it is joined: what the node was opened with, until a page says
 * otherwise. Pages that have a provider are asked at each dial. The nkey seed stays here, the engine
 * has signatures only. One for each node, over restarts of its engine.
 */
import { hubAskMillisMax } from '../limits.js'
import { within } from '../storage/storage.js'
import type { HubSettings } from './settings.js'
import { type Signer, signerFromSeed } from './signer.js'

/** What a page with a provider answers; rejects when it has no answer. */
export type AskHub = () => Promise<HubSettings | undefined>

export class HubAccess implements Signer {
  settings: HubSettings | undefined
  /** Told of settings that are not those before. */
  onChange: (settings: HubSettings) => void = () => undefined
  /** Told why a provider did not answer. */
  onFailure: (cause: string) => void = () => undefined
  private readonly ask: AskHub
  private signer: Signer | undefined
  /** Dials that wait for an answer. */
  private readonly asking = new Set<number>()

  constructor(settings: HubSettings | undefined, ask: AskHub) {
    this.ask = ask
    this.take(settings)
  }

  /** Throws an error called OptionsError when the seed is not one. */
  set(settings: HubSettings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.settings)) return
    this.take(settings)
    this.onChange(settings)
  }

  /** Calls `open` when the provider, if there is one, has been asked; not when forgotten before. */
  async dial(connection: number, open: () => void): Promise<void> {
    this.asking.add(connection)
    const answered = this.ask().then((settings) => {
      // An answer that comes too late for this dial is good for the next one.
      if (settings !== undefined) this.set(settings)
    })
    await within(hubAskMillisMax, answered, () => new Error('no answer in time')).catch(
      (error: Error) => this.onFailure(`hub provider: ${error.message}`),
    )
    answered.catch(() => undefined)
    if (this.asking.delete(connection)) open()
  }

  /** The engine does not want this dial any more. */
  forget(connection: number): void {
    this.asking.delete(connection)
  }

  /** Empty without a seed. */
  publicKey(): string {
    return this.signer?.publicKey() ?? ''
  }

  sign(nonce: Uint8Array): string {
    return this.signer?.sign(nonce) ?? ''
  }

  private take(settings: HubSettings | undefined): void {
    this.signer = settings?.nkeySeed ? signerFromSeed(settings.nkeySeed) : undefined
    this.settings = settings
  }
}
