// The page: opens the node, the notebook on it, and joins both to the elements of view.ts.

import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type FrondNode, NodeInUseError, open } from 'frond'
import { chooseHub } from './hub.js'
import { Notebook } from './notebook.js'
import { page, showEntries, showLink, showStorage, showTrouble } from './view.js'

/** localStorage throws where a browser forbids it; the demo then forgets its hub, nothing else. */
function keptStorage(): Storage | undefined {
  try {
    return window.localStorage
  } catch {
    return undefined
  }
}

const hub = chooseHub(window.location, keptStorage())

async function followLink(node: FrondNode, notebook: Notebook): Promise<void> {
  let prepared = false
  const show = async () => {
    const { link, storage } = await node.status()
    showLink(link)
    showStorage(storage)
    if (link.state !== 'online' || prepared) return
    try {
      await notebook.prepareHub(hub.domain)
      prepared = true
    } catch (error) {
      // The link went down meanwhile, or the hub forbids it; the next change of the link tries again.
      console.warn('the hub stream could not be prepared', error)
    }
  }
  await show()
  for await (const event of node.events()) {
    if (event.type === 'storage') showTrouble(`The browser did not store: ${event.error}`)
    if (event.type === 'quarantine') showTrouble(`Set aside as damaged: ${event.text}`)
    await show()
  }
}

function acceptEntries(notebook: Notebook): void {
  const write = async () => {
    const text = page.text.value.trim()
    if (text === '') return
    page.save.disabled = true
    try {
      await notebook.write(text)
      page.text.value = ''
      showTrouble(undefined)
    } catch (error) {
      showTrouble(`This could not be kept: ${error instanceof Error ? error.message : error}`)
    } finally {
      page.save.disabled = false
      page.text.focus()
    }
  }
  page.form.addEventListener('submit', (event) => {
    event.preventDefault()
    void write()
  })
  page.text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void write()
  })
  page.save.disabled = false
}

async function start(): Promise<void> {
  const node = await open({ hub })
  let scheduled = false
  const notebook = await Notebook.open(node, hub, () => {
    // Thousands of entries may arrive at once; one repaint shows them all.
    if (scheduled) return
    scheduled = true
    requestAnimationFrame(() => {
      scheduled = false
      showEntries(notebook.entries())
    })
  })
  page.device.textContent = `on ${notebook.device}`
  showEntries([])
  acceptEntries(notebook)
  page.link.disabled = false
  page.link.addEventListener('change', () => {
    const change = page.link.checked ? node.link.resume() : node.link.pause()
    change.catch((error: unknown) => showTrouble(`The link did not change: ${error}`))
  })
  // For the curious, and for tests: the node and the official client on it, in the console.
  const { nc } = notebook
  Object.assign(globalThis, {
    frond: { node, nc, js: jetstream(nc), jsm: await jetstreamManager(nc), notebook },
  })
  await followLink(node, notebook)
}

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  navigator.serviceWorker.register('/sw.js').catch((error: unknown) => {
    console.warn('the page will not open without its server', error)
  })
}

start().catch((error: unknown) => {
  showTrouble(
    error instanceof NodeInUseError
      ? 'This notebook is open in another tab. Close it there, then reload this page.'
      : `The node could not be opened: ${error instanceof Error ? error.message : error}`,
  )
  page.linkState.textContent = 'Not open.'
})
