/** The app's function for the hub's credentials, which the node has asked before each dial. */
import type { Control } from './control.js'
import { type HubOptions, hubSettings, knownOfCredentials, refuseUnknown } from './options.js'

/** To be called before control.open(); does nothing without a provider. `domain` is the node's own. */
export function provideHub(control: Control, hub: HubOptions | undefined, domain: string): void {
  if (hub?.credentials === undefined) return
  const { credentials, ...fixed } = hub
  const answer = async (ask: number): Promise<void> => {
    try {
      const given = await credentials()
      refuseUnknown(given, knownOfCredentials, 'hub.credentials()')
      const now = hubSettings({ ...fixed, ...given }, domain)
      control.answerHub(ask, { hub: now })
    } catch (error) {
      control.answerHub(ask, { error: error instanceof Error ? error.message : String(error) })
    }
  }
  control.onAskHub = (ask) => void answer(ask)
}
