// Which hub the demo joins: the one that `npm start` runs beside the page, or the one named in the
// page's address (?hub=wss://…&user=…&password=…), which is kept for the next visit.

/** The hub's leaf address, its JetStream domain and the leaf user. */
export interface Hub {
  url: string
  domain: string
  user: string
  password: string
}

const kept = 'frond-demo-hub'

export function chooseHub(location: Location, storage: Storage | undefined): Hub {
  const asked = new URLSearchParams(location.search)
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const standard: Hub = {
    url: `${scheme}://${location.hostname}:4280/leafnode`,
    domain: 'hub',
    user: 'notebook',
    password: 'notebook',
  }
  const url = asked.get('hub')
  if (url) {
    const hub: Hub = {
      url,
      domain: asked.get('domain') ?? standard.domain,
      user: asked.get('user') ?? standard.user,
      password: asked.get('password') ?? standard.password,
    }
    storage?.setItem(kept, JSON.stringify(hub))
    return hub
  }
  try {
    const saved: unknown = JSON.parse(storage?.getItem(kept) ?? 'null')
    if (saved && typeof saved === 'object') return { ...standard, ...(saved as Partial<Hub>) }
  } catch {
    // What was kept cannot be read; the standard hub is as good as a first visit's.
  }
  return standard
}
