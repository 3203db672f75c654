// The JetStream API: the same requests, in the same order, to a stock nats-server and to frond-server; answers are
// compared field by field, errors with code, number and text.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { headers } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import { normalMessage } from './normal_form.mjs'
import { apiRequests } from './script/api.mjs'
import { frond, startAlone, stock } from './server.mjs'

/** Sends all requests; what came back for each, normal, or the error the client made of it. */
async function answersOf(url) {
  const connection = await connect({ servers: url, reconnect: false })
  const answers = []
  for (const [, subject, body, fields] of apiRequests) {
    const options = { timeout: 700 }
    if (fields) {
      options.headers = headers()
      for (const [key, value] of Object.entries(fields)) options.headers.append(key, value)
    }
    try {
      answers.push(normalMessage(await connection.request(subject, body, options)))
    } catch (error) {
      answers.push({ error: error.name })
    }
  }
  await connection.close()
  return answers
}

let servers = []
let expected = []
let got = []
before(async () => {
  servers = [await startAlone(stock('2.15')), await startAlone(frond)]
  ;[expected, got] = await Promise.all(servers.map((server) => answersOf(server.url)))
})
after(async () => {
  for (const server of servers) await server.remove()
})

apiRequests.forEach(([name], i) => {
  test(`${i} ${name}`, () => {
    assert.deepEqual(got[i], expected[i])
  })
})
