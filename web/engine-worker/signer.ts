/** The user's nkey: proves to the hub who the node is by signing the nonce of its INFO. */
import { fromSeed } from '@nats-io/nkeys'

export interface Signer {
  publicKey(): string
  /** Base64url without padding. */
  sign(nonce: Uint8Array): string
}

/** Throws an error called OptionsError when the seed is not one. */
export function signerFromSeed(seed: string): Signer {
  let pair: ReturnType<typeof fromSeed>
  try {
    pair = fromSeed(new TextEncoder().encode(seed.trim()))
  } catch {
    throw Object.assign(new Error("hub.nkeySeed: is not a user's nkey seed"), {
      name: 'OptionsError',
    })
  }
  return {
    publicKey: () => pair.getPublicKey(),
    sign: (nonce) => base64url(pair.sign(nonce)),
  }
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
