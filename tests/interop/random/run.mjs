// Carries out operations (operations.mjs) at one server and says what came back for each, in the normal form in which two
// servers are compared. It waits for what an operation answers: to the end of a pull or a batch, or `patience`
// milliseconds when nothing comes.
import { setTimeout as sleep } from 'node:timers/promises'
import { headers } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import { normalMessage, normalText } from '../normal_form.mjs'

const kept = 5 // The latest deliveries, which `ack` can name.
const quiet = 6 // ms without a message after which an answer of many is at its end.

export class Runner {
  static async open(url, patience = 120) {
    const runner = new Runner()
    runner.patience = patience
    runner.connection = await connect({ servers: url, reconnect: false, maxPingOut: 100 })
    runner.inboxes = 0
    runner.begin()
    return runner
  }

  begin() {
    this.deliveries = []
    this.subscriptions = []
    this.heard = []
  }

  /** As before the first operation: no streams, no subscriptions. */
  async reset() {
    for (const subscription of this.subscriptions) subscription.unsubscribe()
    this.begin()
    const names = (await this.json('$JS.API.STREAM.NAMES')).streams ?? []
    for (const name of names) await this.json(`$JS.API.STREAM.DELETE.${name}`)
    await this.connection.flush()
  }

  async json(subject, body = '') {
    return (await this.connection.request(subject, body, { timeout: 5000 })).json()
  }

  close() {
    return this.connection.close()
  }

  /** What came to the inbox of this operation, as messages of the client. */
  async ask(subject, body, fields, isLast) {
    const inbox = `_INBOX.random.${++this.inboxes}`
    const replies = []
    let changed = () => {}
    const subscription = this.connection.subscribe(inbox, {
      callback: (_, message) => {
        replies.push(message)
        changed()
      },
    })
    const options = { reply: inbox }
    if (fields?.length) {
      options.headers = headers()
      for (const [key, value] of fields) options.headers.append(key, value)
    }
    try {
      this.connection.publish(subject, body, options)
    } catch (error) {
      subscription.unsubscribe()
      return [{ error: error.message }]
    }
    const deadline = Date.now() + this.patience
    while (Date.now() < deadline) {
      const before = replies.length
      if (before > 0 && isLast(replies.at(-1), replies)) break
      await Promise.race([
        new Promise((resolve) => {
          changed = resolve
        }),
        sleep(before > 0 && isLast !== first ? quiet : deadline - Date.now()),
      ])
      if (replies.length === before && before > 0) break
    }
    subscription.unsubscribe()
    return replies
  }

  keep(messages) {
    const delivered = messages.filter((message) => message.reply)
    this.deliveries = [...delivered, ...this.deliveries].slice(0, kept)
  }

  /** The answers to one operation, normal, and what the subscriptions have heard meanwhile. */
  async carryOut(operation) {
    const answers = (await this[operation[0]](...operation.slice(1))).map(normal)
    if (this.subscriptions.length > 0) await sleep(quiet)
    const heard = this.heard
      .splice(0)
      .map(normal)
      .map((answer) => JSON.stringify(answer))
      .sort()
    return heard.length > 0 ? { answers, heard } : { answers }
  }

  request(subject, body) {
    return this.ask(subject, body, undefined, subject.startsWith('$JS.API.DIRECT.') ? isEnd : first)
  }
  publish(subject, body, fields) {
    return this.ask(subject, body, fields, first)
  }
  async pull(stream, consumer, body) {
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`
    const messages = await this.ask(subject, body, undefined, isEnd)
    this.keep(messages)
    return messages
  }
  async ack(index, body) {
    const delivery = this.deliveries[index]
    if (!delivery) return []
    const messages = await this.ask(delivery.reply, body, undefined, first)
    this.keep(messages)
    return messages
  }
  async subscribe(subject, queue) {
    const subscription = this.connection.subscribe(subject, {
      queue: queue || undefined,
      // Answers to this connection's own requests are heard of by `ask`.
      callback: (_, message) => {
        if (!/^(_INBOX|\$)/.test(message.subject)) this.heard.push(message)
      },
    })
    this.subscriptions.push(subscription)
    await this.connection.flush()
    return []
  }
  async unsubscribe(index) {
    this.subscriptions.splice(index, 1)[0]?.unsubscribe()
    await this.connection.flush()
    return []
  }

  /** All that is stored, as a client can see it. */
  async state() {
    const result = {}
    for (const stream of (await this.json('$JS.API.STREAM.NAMES')).streams ?? []) {
      const info = await this.request(
        `$JS.API.STREAM.INFO.${stream}`,
        '{"deleted_details":true,"subjects_filter":">"}',
      )
      const consumers = await this.request(`$JS.API.CONSUMER.LIST.${stream}`, '')
      const messages = []
      const { state } = info[0].json()
      for (let seq = state?.first_seq ?? 1; seq <= (state?.last_seq ?? 0); ++seq) {
        const got = await this.request(`$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify({ seq }))
        messages.push(...got.map(normal))
        if (messages.length > 200) break
      }
      result[stream] = { info: info.map(normal), consumers: consumers.map(normal), messages }
    }
    return result
  }
}

const first = () => true

/** A status ends a pull or a batch, but for heartbeats and flow control; so does an answer without a subject's message. */
function isEnd(message) {
  return message.headers !== undefined && message.headers.code !== 0 && message.headers.code !== 100
}

function normal(message) {
  if (message.error) return message
  const { body, headers: fields } = normalMessage(message)
  const result = { body }
  if (fields) result.headers = fields
  if (message.reply) result.reply = normalText(message.reply)
  if (!message.subject.startsWith('_INBOX.')) result.subject = message.subject
  return result
}
