// A process that opens a node of the npm package in a directory and does what the lines on its stdin ask, so that a
// test can kill it: { "id", "do": "stream" | "publish" | "queue" | "contents" | "status", ... } in, { "id", "result" } out.
import { createInterface } from 'node:readline'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { open } from 'frond'
import { contents } from './joined_pair.mjs'

const [directory, url] = process.argv.slice(2)
const node = await open({
  name: 'edge1',
  storage: { directory },
  hub: { url, domain: 'hub', user: 'leaf', password: 'secret' },
})
const nc = await node.connect()
const jsm = await jetstreamManager(nc)
const js = jetstream(nc)

const commands = {
  stream: ({ config }) => jsm.streams.add(config).then((info) => info.config.name),
  publish: ({ subject, body }) => js.publish(subject, body).then((ack) => ack.seq),
  queue: async ({ subject, count, bytes }) => {
    const body = new Uint8Array(bytes).fill(120)
    const publish = () => js.publish(subject, body, { timeout: 60_000 })
    for (let left = count; left > 0; left -= 500) {
      await Promise.all(Array.from({ length: Math.min(left, 500) }, publish))
    }
  },
  contents: ({ stream }) => contents(jsm, stream),
  request: ({ subject }) => nc.request(subject, '', { timeout: 1000 }).then((m) => m.string()),
  status: () => node.status(),
}

console.log(JSON.stringify({ id: 0, result: 'open' }))
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  let answer
  try {
    answer = { id: command.id, result: await commands[command.do](command) }
  } catch (error) {
    answer = { id: command.id, error: `${error}` }
  }
  console.log(JSON.stringify(answer))
}
await node.close()
process.exit(0)
