// An operator, a system account and an account with JetStream, made for one test: what a hub in operator mode is
// configured with, and users of the account.
import {
  createAccount,
  createOperator,
  createUser,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
} from '@nats-io/jwt'

const unlimited = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 }

export class TestOperator {
  async make() {
    const operator = createOperator()
    const system = createAccount()
    this.account = createAccount()
    this.systemAccount = system.getPublicKey()
    const accountClaims = {
      limits: {
        ...unlimited,
        subs: -1,
        data: -1,
        payload: -1,
        conn: -1,
        leaf: -1,
        imports: -1,
        exports: -1,
        wildcards: true,
      },
    }
    this.operatorJwt = await encodeOperator('op', operator, { system_account: this.systemAccount })
    this.accounts = {
      [this.systemAccount]: await encodeAccount('SYS', system, {}, { signer: operator }),
      [this.account.getPublicKey()]: await encodeAccount('A', this.account, accountClaims, {
        signer: operator,
      }),
    }
    return this
  }

  /** The lines of a hub's configuration. */
  config() {
    const preload = Object.entries(this.accounts).map(([key, jwt]) => `${key}: ${jwt}`)
    return [
      `operator: ${this.operatorJwt}`,
      `system_account: ${this.systemAccount}`,
      'resolver: MEMORY',
      `resolver_preload: { ${preload.join('\n')} }`,
    ].join('\n')
  }

  /** A user of the account: { jwt, seed, creds }. `options.exp` is in seconds since 1970. */
  async user(name, claims = {}, options = {}) {
    const key = createUser()
    const jwt = await encodeUser(name, key, this.account, claims, options)
    const creds = new TextDecoder().decode(fmtCreds(jwt, key))
    return { jwt, seed: new TextDecoder().decode(key.getSeed()), creds }
  }
}
