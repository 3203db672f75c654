// Puts the notebook's state on the page. It only reads; every element is made with textContent, so
// an entry's text can never become markup.

import type { LinkStatus, StorageStatus } from 'frond'
import type { Entry } from './notebook.js'

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found as T
}

export const page = {
  device: element('device'),
  link: element<HTMLInputElement>('link'),
  linkState: element('link-state'),
  form: element<HTMLFormElement>('write'),
  text: element<HTMLTextAreaElement>('text'),
  save: element<HTMLButtonElement>('save'),
  trouble: element('trouble'),
  counts: element('counts'),
  entries: element('entries'),
  empty: element('empty'),
  storage: element('storage'),
  memory: element('memory'),
}

const linkWords: Record<LinkStatus['state'], string> = {
  none: 'No hub is configured: everything stays in this browser.',
  offline: 'The hub cannot be reached. Keep writing; it will go up by itself.',
  connecting: 'Looking for the hub… Keep writing.',
  online: 'Linked to the hub.',
  refused: 'The hub refused the link',
  paused: 'You have cut the link. Keep writing; nothing is lost.',
}

export function showLink(link: LinkStatus): void {
  page.linkState.dataset.state = link.state
  const cause = link.state === 'refused' && link.cause ? `: ${link.cause}` : ''
  const words = link.state === 'online' && link.hub ? linkedTo(link.hub) : linkWords[link.state]
  page.linkState.textContent = `${words}${cause}`
  page.link.checked = link.state !== 'paused'
}

function linkedTo(hub: NonNullable<LinkStatus['hub']>): string {
  return `Linked to ${hub.name} (${hub.version}).`
}

export function showTrouble(text: string | undefined): void {
  page.trouble.hidden = !text
  page.trouble.textContent = text ?? ''
}

export function showStorage(storage: StorageStatus): void {
  page.memory.hidden = storage.persistent
  if (!storage.persistent) {
    page.memory.textContent =
      'This browser gives no storage (private mode?): what is only here is gone when this tab is.'
    page.storage.textContent = 'Held in memory.'
    return
  }
  const used = storage.bytes === undefined ? '' : ` ${size(storage.bytes)} used.`
  const kept = storage.durable ? '' : ' The browser may clear it when the disk runs full.'
  page.storage.textContent = `Stored in this browser.${used}${kept}`
}

function size(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

/** What is on the page, by key: an entry's text never changes, so only its chip is written again. */
const items = new Map<string, HTMLElement>()

export function showEntries(entries: Entry[]): void {
  const waiting = entries.filter((entry) => entry.mine && entry.hub === undefined).length
  page.counts.textContent =
    entries.length === 0 ? '' : waiting === 0 ? 'all at the hub' : `${waiting} only here`
  page.empty.hidden = entries.length > 0
  let place = page.entries.firstElementChild
  for (const entry of entries) {
    const item = items.get(entry.key) ?? entryElement(entry)
    items.set(entry.key, item)
    showWhere(item, entry)
    if (item === place) place = item.nextElementSibling
    else page.entries.insertBefore(item, place)
  }
}

function showWhere(item: HTMLElement, entry: Entry): void {
  const chip = item.querySelector<HTMLElement>('.chip')
  if (!chip) return
  const where = !entry.mine ? 'other' : entry.hub === undefined ? 'here' : 'hub'
  if (chip.dataset.where === where) return
  chip.dataset.where = where
  if (where === 'other') chip.textContent = `from ${entry.device}`
  else chip.textContent = where === 'here' ? 'only here' : `at the hub · ${entry.hub}`
}

function entryElement(entry: Entry): HTMLElement {
  const item = document.createElement('li')
  item.className = 'entry'
  item.dataset.key = entry.key
  const text = document.createElement('p')
  text.className = 'entry-text'
  text.textContent = entry.text
  const foot = document.createElement('p')
  foot.className = 'entry-foot'
  const chip = document.createElement('span')
  chip.className = 'chip'
  const time = document.createElement('time')
  time.dateTime = entry.written.toISOString()
  time.textContent = entry.written.toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
  })
  foot.append(chip, time)
  item.append(text, foot)
  return item
}
