/**
 * The user's nkey: proves to the hub who the node is by signing the nonce of its INFO. Signs with noble's Ed25519, as
 * it is a third of the size of what @nats-io/nkeys brings, and works where a page has no WebCrypto (an insecure origin).
 */
import { getPublicKey, hashes, sign } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'

export interface Signer {
  publicKey(): string
  /** Base64url without padding. */
  sign(nonce: Uint8Array): string
}

hashes.sha512 = sha512

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const userPrefix = 20 << 3 // "U"
const seedPrefix = 18 << 3 // "S"
const seedBytes = 32

/** Throws an error called OptionsError when the seed is not one. */
export function signerFromSeed(seed: string): Signer {
  const secret = secretOf(seed.trim())
  if (secret === undefined) {
    throw Object.assign(new Error("hub.nkeySeed: is not a user's nkey seed"), {
      name: 'OptionsError',
    })
  }
  const publicKey = encode(Uint8Array.of(userPrefix, ...getPublicKey(secret)))
  return { publicKey: () => publicKey, sign: (nonce) => base64url(sign(nonce, secret)) }
}

/** The seed's two prefixes, of a seed and of a user, share two bytes: 5 bits, 8 bits and 3 of nothing. */
function secretOf(seed: string): Uint8Array | undefined {
  const bytes = decode(seed)
  if (bytes?.length !== 2 + seedBytes) return undefined
  const [first = 0, second = 0] = bytes
  const kind = ((first & 7) << 5) | (second >> 3)
  return (first & 0xf8) === seedPrefix && kind === userPrefix ? bytes.subarray(2) : undefined
}

/** Base32 with a CRC-16 behind it, lower byte first. */
function encode(bytes: Uint8Array): string {
  const sum = crc16(bytes)
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of [...bytes, sum & 0xff, sum >> 8]) {
    value = (value << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(value >> (bits - 5)) & 31]
    value &= (1 << bits) - 1
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}

function decode(text: string): Uint8Array | undefined {
  const bytes: number[] = []
  let bits = 0
  let value = 0
  for (const letter of text) {
    const digit = alphabet.indexOf(letter)
    if (digit < 0) return undefined
    value = (value << 5) | digit
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push(value >> bits)
    value &= (1 << bits) - 1
  }
  const checked = Uint8Array.from(bytes.slice(0, -2))
  const sum = (bytes.at(-2) ?? 0) | ((bytes.at(-1) ?? 0) << 8)
  return bits < 5 && crc16(checked) === sum ? checked : undefined
}

/** CRC-16/XMODEM, as nkeys have it. */
function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; ++bit) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
    crc &= 0xffff
  }
  return crc
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
