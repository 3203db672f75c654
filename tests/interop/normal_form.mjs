// Brings what a server answered into a form in which two servers can be compared: times, generated names and the
// marks of a server's version are replaced, everything else is kept as it came.

const times = new Set([
  'created',
  'ts',
  'first_ts',
  'last_ts',
  'time',
  'last_active',
  'active',
  'timestamp',
])
const versions = /^_nats\.(ver|level|req\.level)$/

/** A time is replaced by a word; the zero time is kept, because it says something. */
function timeWord(value) {
  return typeof value === 'string' && value.startsWith('0001-01-01') ? value : '<time>'
}

/** Recursively replaces what differs from run to run in a parsed JSON answer. */
export function normalJson(value, key = '') {
  // Names that a server makes up: eight letters and digits, not all of them small letters.
  if (key === 'name' && /^(?=.*[A-Z0-9])[A-Za-z0-9]{8}$/.test(value)) return '<generated>'
  if (times.has(key) && value !== undefined) return timeWord(value)
  if (Array.isArray(value)) return value.map((item) => normalJson(item))
  if (value === null || typeof value !== 'object') {
    return typeof value === 'string' ? normalText(value) : value
  }
  const entries = Object.entries(value)
    .filter(([name]) => !versions.test(name))
    // When a mirror is told that its origin is missing is a matter of moments.
    .filter(([name, item]) => !(key === 'mirror' && name === 'error' && item?.err_code === 10059))
    .map(([name, item]) => [name, normalJson(item, name)])
    // What is left of metadata when only the version marks were in it.
    .filter(([name, item]) => !(name === 'metadata' && Object.keys(item ?? {}).length === 0))
  const result = Object.fromEntries(entries)
  if (result.api && typeof result.api === 'object') result.api = '<api>'
  return result
}

/** Generated names and times inside of texts. */
export function normalText(text) {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replaceAll(/\b\d{19}\b/g, '<ns>')
    .replaceAll(/(violates consumers: )[A-Za-z0-9]{8}$/g, '$1<generated>')
    .replaceAll(/_INBOX\.[A-Za-z0-9.]+/g, '<inbox>')
}

const dec = new TextDecoder()

/** Headers as a list of [key, value], times replaced. */
export function normalHeaders(headers) {
  if (!headers) return undefined
  const fields = []
  for (const [key, values] of headers) {
    for (const value of values) {
      fields.push([key, key === 'Nats-Time-Stamp' ? '<time>' : normalText(value)])
    }
  }
  return { status: `${headers.code} ${headers.description}`, fields: fields.sort() }
}

/** A whole message: JSON bodies parsed and replaced, others as text. */
export function normalMessage(message) {
  const text = dec.decode(message.data)
  let body = normalText(text)
  if (text.startsWith('{')) {
    try {
      body = normalJson(JSON.parse(text))
    } catch {
      // Not JSON after all.
    }
  }
  return { body, headers: normalHeaders(message.headers) }
}
