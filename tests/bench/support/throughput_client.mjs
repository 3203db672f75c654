// One client process of server_throughput.bench.mjs: `node throughput_client.mjs <role> <port> <bytes> <count>`. Prints
// "ready" when the other side may start, and its result as one line of JSON at the end.
import { createConnection } from 'node:net'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'

const [role, port, bytes, count] = [process.argv[2], ...process.argv.slice(3).map(Number)]
const payload = new Uint8Array(bytes).fill(120)
const subject = 'bench.subject'
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
const rate = (from, messages) => ({ perSecond: (messages * 1_000) / (performance.now() - from) })
const open = () => connect({ servers: `127.0.0.1:${port}`, timeout: 10_000 })

/** Calls `send` for each message and lets the socket breathe every so often. */
async function spread(nc, send) {
  for (let i = 0; i < count; ++i) {
    send(i)
    if (i % 2_000 === 1_999) await nc.flush()
  }
  await nc.flush()
}

/** A socket that has shaken hands; the client costs next to nothing, so the server is what is measured. */
async function rawSocket() {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
  await new Promise((resolve) => socket.once('data', resolve))
  socket.write('CONNECT {"verbose":false,"protocol":1,"headers":true}\r\nPING\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  return socket
}

const roles = {
  async coreSubscriber() {
    const nc = await open()
    let from = 0
    let seen = 0
    const done = new Promise((resolve) => {
      nc.subscribe(subject, {
        callback: () => {
          if (seen++ === 0) from = performance.now()
          if (seen === count) resolve(rate(from, count))
        },
      })
    })
    await nc.flush()
    say('ready')
    say(await done)
    await nc.close()
  },
  async corePublisher() {
    const nc = await open()
    await spread(nc, () => nc.publish(subject, payload))
    await nc.close()
  },
  async rawSubscriber() {
    const socket = await rawSocket()
    const whole = `MSG ${subject} 1 ${bytes}\r\n`.length + bytes + 2
    let from = 0
    let seen = 0
    const done = new Promise((resolve) => {
      socket.on('data', (chunk) => {
        if (chunk.length === 6 && seen === 0) return say('ready') // PONG
        if (seen === 0) from = performance.now()
        seen += chunk.length
        if (seen >= whole * count) resolve(rate(from, count))
      })
    })
    socket.write(`SUB ${subject} 1\r\nPING\r\n`)
    say(await done)
    socket.destroy()
  },
  async rawPublisher() {
    const socket = await rawSocket()
    const one = Buffer.concat([
      Buffer.from(`PUB ${subject} ${bytes}\r\n`),
      payload,
      Buffer.from('\r\n'),
    ])
    const perChunk = Math.max(1, Math.floor(65_536 / one.length))
    const chunk = Buffer.concat(Array(perChunk).fill(one))
    for (let left = count; left > 0; left -= perChunk) {
      const piece = left < perChunk ? chunk.subarray(0, left * one.length) : chunk
      if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve))
    }
    socket.write('PING\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
  },
  async requests() {
    const nc = await open()
    const service = await open()
    service.subscribe(subject, { callback: (_, m) => m.respond(m.data) })
    await service.flush()
    const times = []
    for (let i = 0; i < count; ++i) {
      const from = performance.now()
      await nc.request(subject, payload, { timeout: 10_000 })
      times.push((performance.now() - from) * 1_000)
    }
    times.sort((a, b) => a - b)
    say({ microseconds: times[count >> 1], p99: times[Math.floor(count * 0.99)] })
    await nc.close()
    await service.close()
  },
  async streamAsync() {
    const nc = await open()
    await (await jetstreamManager(nc)).streams.add({ name: 'BENCH', subjects: ['bench.>'] })
    const js = jetstream(nc)
    const from = performance.now()
    const batch = 1_000
    for (let done = 0; done < count; done += batch) {
      await Promise.all(
        Array.from({ length: batch }, () => js.publish(subject, payload, { timeout: 60_000 })),
      )
    }
    say(rate(from, count))
    await nc.close()
  },
  async streamSync() {
    const nc = await open()
    const js = jetstream(nc)
    const from = performance.now()
    for (let i = 0; i < count; ++i) await js.publish(subject, payload, { timeout: 60_000 })
    say(rate(from, count))
    await nc.close()
  },
  async consume(acked) {
    const nc = await open()
    const jsm = await jetstreamManager(nc)
    const name = acked ? 'acked' : 'plain'
    await jsm.consumers.add('BENCH', {
      durable_name: name,
      ack_policy: acked ? 'explicit' : 'none',
      max_ack_pending: 10_000,
    })
    const consumer = await jetstream(nc).consumers.get('BENCH', name)
    const messages = await consumer.consume({ max_messages: 1_000 })
    let seen = 0
    const from = performance.now()
    for await (const m of messages) {
      if (acked) m.ack()
      if (++seen === count) break
    }
    say(rate(from, count))
    await nc.close()
  },
  consumeAcked: () => roles.consume(true),
}

await roles[role](false)
process.exit(0)
