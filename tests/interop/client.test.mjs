// What an application sees: the same script of operations of the stock clients, run against a stock nats-server and
// against frond-server. Results and errors (class, code, text) must be equal, step by step.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { connect } from '@nats-io/transport-node'
import { normalJson } from './normal_form.mjs'
import { coreSteps } from './script/core.mjs'
import { kvSteps } from './script/kv.mjs'
import { streamSteps } from './script/streams.mjs'
import { frond, startAlone, stock } from './server.mjs'

const stepMs = 8000

function withTimeLimit(promise) {
  let timer
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the step did not end')), stepMs)
  })
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer))
}

/** Runs all steps with one connection; the results, or the errors as values. */
async function run(url, steps) {
  const context = { connect: (options) => connect({ servers: url, reconnect: false, ...options }) }
  context.nc = await context.connect()
  const results = []
  for (const [, step] of steps) {
    try {
      results.push(plain(await withTimeLimit(step(context))))
    } catch (error) {
      results.push({ error: error.name, code: error.code, message: plain(error.message) })
    }
    // A step may have ended the connection, as some errors must; the next one has its own.
    if (context.nc.isClosed()) context.nc = await context.connect()
  }
  await context.nc.close()
  return results
}

/** As JSON would carry it, times and generated names replaced. */
function plain(value) {
  return value === undefined ? undefined : normalJson(JSON.parse(JSON.stringify(value)))
}

for (const [title, steps] of Object.entries({
  core: coreSteps,
  'key-value': kvSteps,
  streams: streamSteps,
})) {
  describe(title, () => {
    let servers = []
    let expected = []
    let got = []
    before(async () => {
      servers = [await startAlone(stock('2.15')), await startAlone(frond)]
      ;[expected, got] = await Promise.all(servers.map((server) => run(server.url, steps)))
    })
    after(async () => {
      for (const server of servers) await server.remove()
    })
    steps.forEach(([name], i) => {
      test(name, () => {
        assert.notEqual(expected[i]?.message, 'the step did not end', 'the script itself is wrong')
        assert.deepEqual(got[i], expected[i])
      })
    })
  })
}
