// Streams and consumers with the stock client.
import { jetstream, jetstreamManager } from '@nats-io/jetstream'

/** Acks have no answer: what follows must not race with them. */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const shown = (m) => ({
  subject: m.subject,
  seq: m.seq,
  data: m.string(),
  redelivered: m.redelivered,
  info: m.info && {
    stream: m.info.stream,
    consumer: m.info.consumer.length > 8 ? '<generated>' : m.info.consumer,
    deliveryCount: m.info.deliveryCount,
    deliverySequence: m.info.deliverySequence,
    streamSequence: m.info.streamSequence,
    pending: m.info.pending,
  },
})
async function take(iterator, limit, step = async () => {}) {
  const all = []
  for await (const m of iterator) {
    all.push(m)
    await step(m, all.length)
    if (all.length >= limit) break
  }
  return all
}

export const streamSteps = [
  [
    'add a stream',
    async (c) => {
      c.jsm = await jetstreamManager(c.nc)
      c.js = jetstream(c.nc)
      return c.jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'] })
    },
  ],
  [
    'publish',
    async ({ js }) => {
      const acks = []
      for (let i = 1; i <= 10; i++) acks.push(await js.publish(`orders.${i % 3}`, `order ${i}`))
      return acks
    },
  ],
  [
    'publish with an id twice',
    async ({ js }) => [
      await js.publish('orders.0', 'same', { msgID: 'x' }),
      await js.publish('orders.0', 'same', { msgID: 'x' }),
    ],
  ],
  [
    'publish with a wrong expectation',
    async ({ js }) => js.publish('orders.0', 'x', { expect: { lastSequence: 2 } }),
  ],
  ['publish where no stream is', async ({ js }) => js.publish('nowhere', 'x')],
  [
    'many publishes at once',
    async ({ js }) => {
      const acks = await Promise.all(
        Array.from({ length: 50 }, (_, i) => js.publish('orders.bulk', `${i}`)),
      )
      return acks.map((ack) => ack.seq)
    },
  ],
  ['stream info', async ({ jsm }) => jsm.streams.info('ORDERS', { subjects_filter: '>' })],
  [
    'get messages',
    async ({ jsm }) => [
      (await jsm.streams.getMessage('ORDERS', { seq: 3 })).string(),
      (await jsm.streams.getMessage('ORDERS', { last_by_subj: 'orders.1' })).string(),
    ],
  ],
  [
    'get a message that is not there',
    async ({ jsm }) => jsm.streams.getMessage('ORDERS', { seq: 999 }),
  ],
  ['find a stream by subject', async ({ jsm }) => jsm.streams.find('orders.1')],
  [
    'list streams',
    async ({ jsm }) => (await jsm.streams.list().next()).map((info) => info.config.name),
  ],
  [
    'update a stream',
    async ({ jsm }) =>
      jsm.streams.update('ORDERS', { subjects: ['orders.>', 'more.>'], max_msgs_per_subject: 40 }),
  ],
  [
    'delete a message',
    async ({ jsm }) => [
      await jsm.streams.deleteMessage('ORDERS', 4),
      (await jsm.streams.info('ORDERS', { deleted_details: true })).state,
    ],
  ],
  ['purge a subject', async ({ jsm }) => jsm.streams.purge('ORDERS', { filter: 'orders.2' })],
  [
    'fetch',
    async ({ js, jsm }) => {
      await jsm.consumers.add('ORDERS', { durable_name: 'pull', ack_policy: 'explicit' })
      const consumer = await js.consumers.get('ORDERS', 'pull')
      const messages = await take(
        await consumer.fetch({ max_messages: 5, expires: 2000 }),
        5,
        (m) => m.ackAck(),
      )
      return messages.map(shown)
    },
  ],
  [
    'next',
    async ({ js }) => {
      const consumer = await js.consumers.get('ORDERS', 'pull')
      const message = await consumer.next({ expires: 1000 })
      message.nak()
      await pause(100)
      const again = await consumer.next({ expires: 1000 })
      await again.ackAck()
      return [shown(message), shown(again)]
    },
  ],
  ['consumer info after acks', async ({ jsm }) => jsm.consumers.info('ORDERS', 'pull')],
  [
    'consume',
    async ({ js }) => {
      const consumer = await js.consumers.get('ORDERS', 'pull')
      const messages = await consumer.consume({ max_messages: 10 })
      return (await take(messages, 30, (m) => m.ack())).map(shown)
    },
  ],
  [
    'ack wait runs out',
    async ({ js, jsm }) => {
      await jsm.consumers.add('ORDERS', {
        durable_name: 'late',
        ack_policy: 'explicit',
        ack_wait: 300_000_000,
        filter_subject: 'orders.1',
      })
      const consumer = await js.consumers.get('ORDERS', 'late')
      const first = await consumer.next({ expires: 1000 })
      const second = await take(await consumer.fetch({ max_messages: 6, expires: 1500 }), 6)
      return [shown(first), second.map(shown).filter((m) => m.seq === first.seq)]
    },
  ],
  [
    'max deliver',
    async ({ js, jsm }) => {
      await jsm.consumers.add('ORDERS', {
        durable_name: 'poison',
        ack_policy: 'explicit',
        max_deliver: 2,
        filter_subject: 'orders.0',
      })
      const consumer = await js.consumers.get('ORDERS', 'poison')
      const seen = []
      for (let i = 0; i < 3; i++) {
        const m = await consumer.next({ expires: 1000 })
        seen.push(m && shown(m))
        m?.nak()
        await pause(100)
      }
      return seen
    },
  ],
  [
    'term and working',
    async ({ js }) => {
      const consumer = await js.consumers.get('ORDERS', 'poison')
      const m = await consumer.next({ expires: 1000 })
      m?.working()
      m?.term('broken')
      return m && shown(m)
    },
  ],
  [
    'fetch nothing',
    async ({ js, jsm }) => {
      await jsm.consumers.add('ORDERS', {
        durable_name: 'empty',
        ack_policy: 'explicit',
        deliver_policy: 'new',
      })
      const consumer = await js.consumers.get('ORDERS', 'empty')
      return (await take(await consumer.fetch({ max_messages: 1, expires: 1000 }), 1)).length
    },
  ],
  [
    'deliver policies',
    async ({ js, jsm }) => {
      const policies = {
        last: { deliver_policy: 'last' },
        seq: { deliver_policy: 'by_start_sequence', opt_start_seq: 20 },
        each: { deliver_policy: 'last_per_subject', filter_subject: 'orders.*' },
        two: { filter_subjects: ['orders.0', 'orders.1'] },
      }
      const result = {}
      for (const [name, config] of Object.entries(policies)) {
        await jsm.consumers.add('ORDERS', { durable_name: name, ack_policy: 'none', ...config })
        const consumer = await js.consumers.get('ORDERS', name)
        const messages = await take(await consumer.fetch({ max_messages: 3, expires: 1000 }), 3)
        result[name] = messages.map(shown)
      }
      return result
    },
  ],
  [
    'ordered consumer',
    async ({ js }) => {
      const consumer = await js.consumers.get('ORDERS', { filter_subjects: 'orders.bulk' })
      const messages = await take(await consumer.consume(), 20)
      return messages.map((m) => [m.seq, m.string()])
    },
  ],
  [
    'push consumer',
    async ({ nc, jsm }) => {
      await jsm.consumers.add('ORDERS', {
        durable_name: 'push',
        ack_policy: 'none',
        deliver_subject: 'pushed',
        filter_subject: 'orders.1',
      })
      const subscription = nc.subscribe('pushed', { max: 3 })
      const messages = await take(subscription, 3)
      return messages.map((m) => [m.subject, m.string(), m.reply.split('.').slice(0, 7)])
    },
  ],
  [
    'list consumers',
    async ({ jsm }) =>
      (await jsm.consumers.list('ORDERS').next())
        .map((info) => info.config)
        .sort((a, b) => (a.durable_name < b.durable_name ? -1 : 1))
        .filter((config) => config.durable_name),
  ],
  [
    'update a consumer',
    async ({ jsm }) => jsm.consumers.update('ORDERS', 'late', { max_deliver: 7 }),
  ],
  [
    'delete consumers',
    async ({ jsm }) => [
      await jsm.consumers.delete('ORDERS', 'late'),
      await jsm.consumers.info('ORDERS', 'late'),
    ],
  ],
  [
    'a stream in memory with limits',
    async ({ js, jsm }) => {
      await jsm.streams.add({ name: 'MEM', subjects: ['mem'], storage: 'memory', max_msgs: 3 })
      for (let i = 0; i < 5; i++) await js.publish('mem', `${i}`)
      return (await jsm.streams.info('MEM')).state
    },
  ],
  [
    'max_bytes',
    async ({ js, jsm }) => {
      await jsm.streams.add({ name: 'BYTES', subjects: ['bytes.limit'], max_bytes: 1000 })
      for (let i = 0; i < 10; i++) await js.publish('bytes.limit', 'x'.repeat(200))
      return (await jsm.streams.info('BYTES')).state
    },
  ],
  [
    'max_age',
    async ({ js, jsm }) => {
      await jsm.streams.add({ name: 'AGE', subjects: ['age'], max_age: 400_000_000 })
      await js.publish('age', 'old')
      await pause(1200)
      await js.publish('age', 'young')
      const { messages, first_seq, last_seq } = (await jsm.streams.info('AGE')).state
      return { messages, first_seq, last_seq }
    },
  ],
  [
    'delete a stream',
    async ({ jsm }) => [await jsm.streams.delete('ORDERS'), await jsm.streams.info('ORDERS')],
  ],
]
