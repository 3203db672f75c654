/** The engine's notices (NoticeKind of output.h) as events for the pages. */
import type { LinkStatus, NodeEvent } from './messages.js'

const linkState = 0
const storageFailed = 1
const blockQuarantined = 2

export function eventOf(kind: number, text: string): NodeEvent {
  if (kind === linkState) return { type: 'link', ...(JSON.parse(text) as LinkStatus) }
  if (kind === storageFailed) return { type: 'storage', error: text }
  if (kind === blockQuarantined) return { type: 'quarantine', text }
  return { type: 'log', text }
}
