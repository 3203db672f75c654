// Configurations about who may come in, made by chance from a seed: keys in any case and order, under any of their
// names, nested, included, by variable, with values of the wrong type, keys that nobody knows, keys that come twice and
// separators that are missing. Each comes with the names and secrets that occur in it.

/** The hash of "hashed", cost 4, as nats-server takes it without quotes. */
export const hash = '$2a$04$abcdefghijklmnopqrstuu369LYjJlegQeGD0CWsjs58fASePKjWq'
const nkey = 'UDF6XWFONQ3OX2LUZB7642R72E7INWV5YXVG6S2ITDHXVAPQVB7346WG'

export function random(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (n) => Math.floor(next() * n)
  return {
    below,
    chance: (part) => next() < part,
    pick: (list) => list[below(list.length)],
    shuffled: (list) => {
      const out = [...list]
      for (let i = out.length - 1; i > 0; i--) {
        const j = below(i + 1)
        ;[out[i], out[j]] = [out[j], out[i]]
      }
      return out
    },
  }
}

const aliases = {
  user: ['user', 'username'],
  pass: ['pass', 'password'],
  permissions: ['permission', 'permissions', 'authorization'],
  publish: ['publish', 'pub', 'import'],
  subscribe: ['subscribe', 'sub', 'export'],
  defaults: ['default_permissions', 'default_permission', 'permissions'],
  types: ['allowed_connection_types', 'connection_types'],
}

class Maker {
  constructor(seed) {
    this.r = random(seed)
    this.slips = random(seed + 100_000)
    this.names = new Set()
    this.secrets = new Set()
    this.variables = []
    this.env = {}
    this.included = undefined
    this.doubled = false
  }

  key(name) {
    const { r } = this
    const word = r.pick(aliases[name] ?? [name])
    if (r.chance(0.6)) return word
    if (r.chance(0.3)) return word.toUpperCase()
    return [...word].map((c) => (r.chance(0.3) ? c.toUpperCase() : c)).join('')
  }

  entry(name, value) {
    const { r } = this
    const key = this.key(name)
    const shown = r.chance(0.1) ? `"${key}"` : key
    const joint = value.startsWith('{') && r.chance(0.5) ? ' ' : r.pick([': ', ' = ', ':', '= '])
    return `${shown}${joint}${value}${r.chance(0.05) ? ' # a comment' : ''}`
  }

  map(entries) {
    const { r } = this
    const list = this.twice(r.shuffled(entries))
    if (r.chance(0.04)) list.push(`${r.pick(['foo', 'userz', 'pasword', 'role'])}: 1`)
    return `{\n${list.join(this.separator(r.pick(['\n', '\n', ',\n'])))}\n}`
  }

  /** Now and then one of the entries again, with a value of its own or none. */
  twice(entries) {
    const { slips } = this
    const one = slips.pick(entries)
    const key = /^"?[\w$]+"?/.exec(one ?? '')?.[0]
    const plain = key === undefined || key === 'include' || key === 'max_payload'
    if (plain || !slips.chance(0.02)) return entries
    this.doubled = true
    const again = slips.chance(0.5) ? one : `${key}: ${slips.pick(['{}', '[]', '"x"'])}`
    return [...entries, again]
  }
  /** Or none, which both servers refuse. */
  separator(usual) {
    return this.slips.chance(0.015) ? ' ' : usual
  }

  /** Quoted, bare, or by a variable of the file or the environment. */
  text(value) {
    const { r } = this
    if (r.chance(0.03)) return r.pick(['7', 'true', '[a]', '{}', '1.5', '2m'])
    const way = r.below(12)
    if (way === 0) {
      this.variables.push(`VAR_${this.variables.length}: "${value}"`)
      return `$VAR_${this.variables.length - 1}`
    }
    if (way === 1) {
      const name = `FROND_ACCESS_${Object.keys(this.env).length}`
      this.env[name] = r.chance(0.5) ? `"${value}"` : value
      return `$${name}`
    }
    if (way < 5 && value !== '' && !value.includes(' ')) return value
    return way < 7 ? `'${value}'` : `"${value}"`
  }

  name() {
    const name = this.r.pick(['ann', 'bob', 'cy', 'dee', 'Ann'])
    this.names.add(name)
    return name
  }
  secret() {
    const { r } = this
    const secret = r.chance(0.25)
      ? r.pick([hash, hash, hash.replace('$2a$', '$2b$'), hash.slice(0, 40)])
      : r.pick(['red', 'blue', '', '1234', '12ab', 'on'])
    this.secrets.add(secret)
    return secret
  }

  subjects() {
    const { r } = this
    const one = () =>
      `"${r.pick(['a', 'b.>', 'c.*', '>', 'a q', 'a..b'].slice(0, r.chance(0.1) ? 6 : 4))}"`
    return r.chance(0.5) ? one() : `[${one()}, ${one()}]`
  }
  rights() {
    const { r } = this
    if (r.chance(0.5)) return this.subjects()
    const parts = [this.entry('allow', this.subjects()), this.entry('deny', this.subjects())]
    return this.map(parts.slice(r.below(3)))
  }
  permissions() {
    const { r } = this
    const parts = []
    if (r.chance(0.7)) parts.push(this.entry('publish', this.rights()))
    if (r.chance(0.7)) parts.push(this.entry('subscribe', this.rights()))
    if (r.chance(0.4)) {
      const how = ['true', 'false', '{ max: 5, expires: "1m" }', '{ MAX: -1 }', '{ ttl: 5 }', 'x']
      parts.push(this.entry('allow_responses', r.pick(how.slice(0, r.chance(0.2) ? 6 : 4))))
    }
    return this.map(parts)
  }

  user() {
    const { r } = this
    if (r.chance(0.08)) return this.map([this.entry('nkey', r.chance(0.8) ? nkey : 'UABC')])
    const parts = []
    if (!r.chance(0.03)) parts.push(this.entry('user', this.text(this.name())))
    if (!r.chance(0.1)) parts.push(this.entry('pass', this.text(this.secret())))
    if (r.chance(0.4)) parts.push(this.entry('permissions', this.permissions()))
    if (r.chance(0.25)) {
      const types = ['STANDARD', 'websocket', 'LEAFNODE', 'MQTT', 'nonsense']
      parts.push(this.entry('types', `["${r.pick(types)}", "${r.pick(types.slice(0, 4))}"]`))
    }
    if (r.chance(0.03)) parts.push(this.entry('user', '"again"'))
    return this.map(parts)
  }
  users() {
    const { r } = this
    const list = Array.from({ length: r.below(4) }, () => this.user())
    const text = `[\n${list.join(this.separator(r.pick(['\n', ',\n'])))}\n]`
    if (r.chance(0.1) && this.included === undefined) {
      this.included = `users: ${text}\n`
      return undefined
    }
    return text
  }
  withUsers(parts) {
    const list = this.users()
    return [...parts, list === undefined ? 'include ./included.conf' : this.entry('users', list)]
  }

  authorization() {
    const { r } = this
    let parts = []
    if (r.chance(0.3)) parts.push(this.entry('timeout', r.pick(['2', '1.5', '"3s"', 'x'])))
    const kind = r.below(10)
    if (kind < 3 || kind === 9) {
      if (!r.chance(0.1)) parts.push(this.entry('user', this.text(this.name())))
      if (!r.chance(0.15)) parts.push(this.entry('pass', this.text(this.secret())))
    }
    if ((kind >= 3 && kind < 5) || kind === 9)
      parts.push(this.entry('token', this.text(this.secret())))
    if (kind >= 5 && kind < 9) parts = this.withUsers(parts)
    if (r.chance(0.2)) parts.push(this.entry('defaults', this.permissions()))
    return this.map(parts)
  }
  account() {
    const { r } = this
    const parts = r.chance(0.3)
      ? [this.entry('jetstream', r.pick(['enabled', 'disabled', 'true']))]
      : []
    return this.map(r.chance(0.9) ? this.withUsers(parts) : parts)
  }
  accounts() {
    const { r } = this
    const list = [`${r.pick(['A', 'Acc'])} ${this.account()}`]
    if (r.chance(0.3))
      list.push(`${r.pick(['SYS', '$SYS', 'B'])} { users: [ {user: sys, pass: sys} ] }`)
    return `{\n${this.twice(r.shuffled(list)).join(this.separator('\n'))}\n}`
  }

  make() {
    const { r } = this
    const parts = ['max_payload: 64KB']
    const kind = r.below(10)
    if (kind < 6 || kind === 9) parts.push(this.entry('authorization', this.authorization()))
    if (kind >= 6) parts.push(this.entry('accounts', this.accounts()))
    if (r.chance(0.25))
      parts.push(this.entry('no_auth_user', this.text(r.pick([...this.names, 'nobody']))))
    if (r.chance(0.15)) parts.push(this.entry('system_account', r.pick(['SYS', '"$SYS"', 'A'])))
    if (r.chance(0.03))
      parts.push(r.pick(['authorisation { user: a }', 'users: []', 'permissions {}']))
    return {
      text: `${[...this.variables, ...this.twice(r.shuffled(parts))].join('\n')}\n`,
      doubled: this.doubled,
      included: this.included,
      env: this.env,
      logins: this.logins(),
    }
  }

  /** What is tried: nothing, everything that occurs, what is wrong, and the hash itself. */
  logins() {
    const names = [...this.names].slice(0, 3)
    const secrets = [...new Set([...this.secrets, hash, 'hashed', 'wrong'])].slice(-5)
    const list = [
      undefined,
      {},
      { pass: 'wrong' },
      { auth_token: 'wrong' },
      { user: 'nobody', pass: '' },
    ]
    for (const user of names) for (const pass of secrets) list.push({ user, pass })
    for (const secret of secrets) list.push({ auth_token: secret })
    list.push(
      { user: names[0] ?? 'ann' },
      { nkey, sig: 'AAAA' },
      { nkey: 'UX', user: names[0] ?? '', pass: secrets[0] },
    )
    list.push({ user: 'sys', pass: 'sys' })
    return list
  }
}

export const configuration = (seed) => new Maker(seed).make()
