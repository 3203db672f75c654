// Runs the same random operations at a stock nats-server and at frond-server and stops at the first answer that differs.
// What was found is run again from nothing with more patience, so that a slow moment is no difference, and then made
// small: operations and fields of their bodies are left out as long as the difference stays.
//   node tests/interop/random/compare.mjs [--seeds A..B] [--count N] [--keep-going]
import { isDeepStrictEqual } from 'node:util'
import { frond, startAlone, stock } from '../server.mjs'
import { refilters, withoutKnown } from './known.mjs'
import { operations } from './operations.mjs'
import { Runner } from './run.mjs'

export class Pair {
  static async open() {
    const pair = new Pair()
    pair.servers = await Promise.all([startAlone(stock('2.15')), startAlone(frond)])
    pair.runners = await Promise.all(pair.servers.map((server) => Runner.open(server.url)))
    return pair
  }

  async close() {
    for (const runner of this.runners) await runner.close()
    for (const server of this.servers) await server.remove()
  }

  both(action) {
    return Promise.all(this.runners.map(action))
  }

  /** The first difference: { at, operation, expected, got }, or undefined. */
  async difference(list, patience) {
    await this.both((runner) => {
      runner.patience = patience
      return runner.reset()
    })
    for (const [at, operation] of list.entries()) {
      const refiltered = refilters(list.slice(0, at + 1))
      const [expected, got] = await this.both(async (runner) =>
        withoutKnown(await runner.carryOut(operation), refiltered),
      )
      if (!isDeepStrictEqual(expected, got)) return { at, operation, expected, got }
    }
    const [expected, got] = await this.both(async (runner) =>
      withoutKnown(await runner.state(), refilters(list)),
    )
    if (isDeepStrictEqual(expected, got)) return undefined
    return { at: list.length, operation: ['state'], expected, got }
  }

  /** The difference with as few operations and fields as show it; undefined when it does not come again. */
  async minimise(list, patience = 400) {
    let found = await this.difference(list, patience)
    if (!found) return undefined
    let small = list.slice(0, found.at + 1)
    const still = async (shorter) => {
      const again = await this.difference(shorter, patience)
      if (!again) return false
      found = again
      small = shorter.slice(0, again.at + 1)
      return true
    }
    for (let part = Math.ceil(small.length / 2); part >= 1; part = Math.floor(part / 2)) {
      for (let at = small.length - part; at >= 0; at -= part) {
        await still([...small.slice(0, at), ...small.slice(at + part)])
      }
    }
    for (let at = 0; at < small.length; ++at) {
      for (const shorter of simpler(small[at])) {
        if (at < small.length) await still(small.with(at, shorter))
      }
    }
    return { ...found, list: small }
  }
}

/** The operation with one field of its JSON body less. */
function* simpler([kind, subject, body, ...rest]) {
  if (kind === 'publish' && rest[0]?.length) {
    for (const at of rest[0].keys()) yield [kind, subject, body, rest[0].toSpliced(at, 1)]
  }
  if (kind !== 'request' || !body?.startsWith('{')) return
  const whole = JSON.parse(body)
  for (const path of ['', 'config']) {
    for (const name of Object.keys((path ? whole[path] : whole) ?? {})) {
      const copy = structuredClone(whole)
      delete (path ? copy[path] : copy)[name]
      yield [kind, subject, JSON.stringify(copy), ...rest]
    }
  }
}

export function report({ list, operation, expected, got }) {
  const lines = list.map((one) => JSON.stringify(one))
  return [
    ...lines,
    `differs at ${operation[0]}, nats-server -> frond:`,
    ...differences(expected, got),
  ].join('\n')
}

/** "path: this -> that" of every place in which two values differ. */
function* differences(a, b, path = '') {
  if (isDeepStrictEqual(a, b)) return
  const nested = [a, b].every((value) => value !== null && typeof value === 'object')
  if (!nested || Array.isArray(a) !== Array.isArray(b)) {
    yield `  ${path}: ${JSON.stringify(a)} -> ${JSON.stringify(b)}`
    return
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    yield* differences(a[key], b[key], `${path}/${key}`)
  }
}

async function main() {
  const option = (name, otherwise) => {
    const at = process.argv.indexOf(`--${name}`)
    return at < 0 ? otherwise : process.argv[at + 1]
  }
  const [from, to] = option('seeds', '1..20').split('..').map(Number)
  const count = Number(option('count', '150'))
  const pair = await Pair.open()
  let failures = 0
  for (let seed = from; seed <= (to ?? from); ++seed) {
    const list = operations(seed, count)
    if (!(await pair.difference(list, 120))) continue
    const found = await pair.minimise(list)
    if (!found) continue
    ++failures
    console.log(`seed ${seed}\n${report(found)}\n`)
  }
  await pair.close()
  console.log(`${failures} of ${(to ?? from) - from + 1} seeds differ`)
  process.exitCode = failures > 0 ? 1 : 0
}

if (import.meta.filename === process.argv[1]) await main()
