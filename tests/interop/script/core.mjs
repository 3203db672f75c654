// Core NATS with the stock client: [name, step]. A step gets { connect, nc } and returns what two servers must agree on.
import { createInbox, headers } from '@nats-io/nats-core'

const text = (message) => Buffer.from(message.data).toString()

/** Collects from a subscription until `count` messages or `ms` have gone by. */
async function collect(subscription, count, ms = 500) {
  const timer = setTimeout(() => subscription.unsubscribe(), ms)
  const messages = []
  for await (const message of subscription) {
    messages.push(message)
    if (messages.length === count) break
  }
  clearTimeout(timer)
  return messages
}

export const coreSteps = [
  [
    'publish and subscribe',
    async ({ nc }) => {
      const subscription = nc.subscribe('core.*.x')
      nc.publish('core.a.x', 'one')
      nc.publish('core.b.y', 'no')
      nc.publish('core.b.x', 'two', { reply: 'somewhere' })
      return (await collect(subscription, 2)).map((m) => [m.subject, text(m), m.reply])
    },
  ],
  [
    'full wildcard',
    async ({ nc }) => {
      const subscription = nc.subscribe('full.>')
      for (const subject of ['full', 'full.a', 'full.a.b.c', 'fuller.a'])
        nc.publish(subject, subject)
      return (await collect(subscription, 3, 200)).map((m) => m.subject)
    },
  ],
  [
    'headers',
    async ({ nc }) => {
      const subscription = nc.subscribe('headers')
      const fields = headers()
      fields.append('A', '1')
      fields.append('A', '2')
      fields.append('Empty', '')
      fields.append('b', 'with: colon')
      nc.publish('headers', 'body', { headers: fields })
      const [message] = await collect(subscription, 1)
      return [...message.headers].map(([key, values]) => [key, values])
    },
  ],
  [
    'request and reply',
    async ({ nc }) => {
      nc.subscribe('service', { callback: (_, m) => m.respond(`re: ${text(m)}`), max: 2 })
      return [text(await nc.request('service', '1')), text(await nc.request('service', '2'))]
    },
  ],
  [
    'request without mux',
    async ({ nc }) => {
      nc.subscribe('service', { callback: (_, m) => m.respond('yes'), max: 1 })
      return text(
        await nc.request('service', '', { noMux: true, timeout: 1000, reply: createInbox() }),
      )
    },
  ],
  [
    'request many',
    async ({ nc }) => {
      nc.subscribe('many', {
        callback: (_, m) => {
          for (const part of ['1', '2', '3', '']) m.respond(part)
        },
        max: 1,
      })
      const parts = []
      const all = await nc.requestMany('many', '', { strategy: 'sentinel', maxWait: 1000 })
      for await (const m of all) parts.push(text(m))
      return parts
    },
  ],
  ['no responders', async ({ nc }) => nc.request('nobody.here', '')],
  [
    'request that times out',
    async ({ nc }) => {
      nc.subscribe('silent', { max: 1 })
      return nc.request('silent', '', { timeout: 100 })
    },
  ],
  [
    'queue group: each message once',
    async ({ nc, connect }) => {
      const other = await connect()
      let received = 0
      const callback = () => {
        received += 1
      }
      for (const c of [nc, other]) {
        c.subscribe('work', { queue: 'q', callback })
        c.subscribe('work', { queue: 'q', callback })
      }
      await Promise.all([nc.flush(), other.flush()])
      for (let i = 0; i < 40; i++) nc.publish('work')
      await nc.flush()
      await other.flush()
      await other.close()
      return received
    },
  ],
  [
    'two queue groups and a plain subscriber',
    async ({ nc }) => {
      const counts = { q1: 0, q2: 0, plain: 0 }
      const subscribe = (key, queue) =>
        nc.subscribe('mixed', {
          queue,
          callback: () => {
            counts[key] += 1
          },
        })
      const subscriptions = [subscribe('q1', 'q1'), subscribe('q1', 'q1'), subscribe('q2', 'q2')]
      subscriptions.push(subscribe('plain'))
      for (let i = 0; i < 10; i++) nc.publish('mixed')
      await nc.flush()
      for (const subscription of subscriptions) subscription.unsubscribe()
      return counts
    },
  ],
  [
    'unsubscribe after a count',
    async ({ nc }) => {
      const subscription = nc.subscribe('limited', { max: 3 })
      for (let i = 0; i < 6; i++) nc.publish('limited', `${i}`)
      return (await collect(subscription, 9, 300)).map(text)
    },
  ],
  [
    'no echo',
    async ({ connect }) => {
      const quiet = await connect({ noEcho: true })
      let count = 0
      quiet.subscribe('echo', {
        callback: () => {
          count += 1
        },
      })
      quiet.publish('echo')
      await quiet.flush()
      await quiet.close()
      return count
    },
  ],
  [
    'order of one publisher',
    async ({ nc }) => {
      const subscription = nc.subscribe('order.*')
      for (let i = 0; i < 500; i++) nc.publish(`order.${i % 7}`, `${i}`)
      return (await collect(subscription, 500, 2000)).every((m, i) => text(m) === `${i}`)
    },
  ],
  [
    'empty and binary payloads',
    async ({ nc }) => {
      const subscription = nc.subscribe('bytes')
      nc.publish('bytes')
      nc.publish('bytes', Uint8Array.from([0, 13, 10, 255]))
      return (await collect(subscription, 2)).map((m) => [...m.data])
    },
  ],
  [
    'a subject of UTF-8',
    async ({ nc }) => {
      const subscription = nc.subscribe('grüße.*')
      nc.publish('grüße.你', 'x')
      return (await collect(subscription, 1)).map((m) => m.subject)
    },
  ],
  [
    'a payload over the limit',
    async ({ nc }) => {
      nc.publish('big', 'x'.repeat(nc.info.max_payload + 1))
    },
  ],
  [
    'what INFO promises',
    async ({ nc }) => {
      const { headers: withHeaders, max_payload, proto, jetstream, auth_required } = nc.info
      return { withHeaders, max_payload, proto: proto > 0, jetstream, auth_required }
    },
  ],
  [
    'drain',
    async ({ connect }) => {
      const other = await connect()
      let count = 0
      other.subscribe('drained', {
        callback: () => {
          count += 1
        },
      })
      for (let i = 0; i < 20; i++) other.publish('drained')
      await other.drain()
      return count
    },
  ],
]
