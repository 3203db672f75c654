// Queries across the link: a client of a stock hub asks a node by its domain, and the other way round nobody is asked
// who is not meant.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { JoinedPair } from './joined_pair.mjs'
import { frond, stock } from './server.mjs'

let pair
before(async () => {
  pair = await new JoinedPair().start(stock('2.15'), frond)
  await pair.linked()
  const manager = await pair.manager('leaf')
  await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] })
  const js = pair.jetstream('leaf')
  for (let i = 0; i < 1000; ++i) {
    await js.publish(`orders.${i}`, JSON.stringify({ total: i, note: 'x'.repeat(500) }))
  }
})
after(() => pair?.end())

/** All answers to a query, to the one that says "done". */
async function ask(nc, subject, query) {
  const answers = []
  const options = { strategy: 'sentinel', maxWait: 10_000 }
  for await (const message of await nc.requestMany(subject, JSON.stringify(query), options)) {
    if (message.data.length === 0) break
    answers.push(message.json())
    if (answers.at(-1).done || answers.at(-1).error) break
  }
  return answers
}

test('a client of the hub queries a node by its domain', async () => {
  const answers = await ask(pair.atHub, '$FROND.edge1.QUERY.ORDERS', {
    selector: { total: { $gte: 10 } },
  })
  const rows = answers.flatMap((answer) => answer.rows ?? [])
  assert.equal(rows.length, 990)
  assert.ok(answers.length > 1, 'in several batches')
})

test('with the errors that a client of the node gets', async () => {
  const [answer] = await ask(pair.atHub, '$FROND.edge1.QUERY.NONE', { selector: {} })
  assert.equal(answer.error.err_code, 10059)
})

test('its indexes too', async () => {
  const answer = await pair.atHub.request('$FROND.edge1.INDEX.INFO.ORDERS', '', { timeout: 2000 })
  assert.ok(Array.isArray(answer.json().indexes))
})

test('what else is of the node stays with it', async () => {
  for (const subject of ['$FROND.edge1.STATUS', '$FROND.QUERY.ORDERS', '$FROND.STATUS']) {
    await assert.rejects(pair.atHub.request(subject, '', { timeout: 500 }), subject)
  }
  const status = await pair.atLeaf.request('$FROND.STATUS', '', { timeout: 2000 })
  assert.equal(status.json().type, 'io.frond.api.v1.status_response')
})
