// The server of the demo page: what a browser may keep, and that nothing outside the folder is served.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { servePage } from '../../scripts/start/page_server.mjs'

const outer = mkdtempSync(join(tmpdir(), 'frond-page-'))
const folder = join(outer, 'dist')
let server

before(async () => {
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(outer, 'secret'), 'no')
  writeFileSync(join(folder, 'index.html'), '<p>page')
  writeFileSync(join(folder, 'assets/a-1234.wasm'), 'wasm')
  server = await servePage(folder, 0)
})

after(() => {
  server.close()
  rmSync(outer, { recursive: true })
})

/** fetch() would tidy the path up before it leaves. */
function get(path, method = 'GET') {
  return new Promise((resolve, reject) => {
    const sent = request(
      { port: server.address().port, host: '127.0.0.1', path, method, agent: false },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body }),
        )
      },
    )
    sent.on('error', reject).end()
  })
}

test('the page is served fresh each time, hashed assets are kept', async () => {
  const page = await get('/')
  assert.equal(page.status, 200)
  assert.equal(page.body, '<p>page')
  assert.equal(page.headers['cache-control'], 'no-cache')
  const asset = await get('/assets/a-1234.wasm')
  assert.equal(asset.headers['content-type'], 'application/wasm')
  assert.match(asset.headers['cache-control'], /immutable/)
})

test('what is not there is 404, what is above the folder stays unseen, and nothing is written', async () => {
  assert.equal((await get('/nothing')).status, 404)
  assert.equal((await get('/assets')).status, 404)
  for (const path of ['/../secret', '/%2e%2e/secret', '/assets/..%2f..%2fsecret', '/%']) {
    const answer = await get(path)
    assert.ok(answer.status === 400 || answer.status === 404, `${path}: ${answer.status}`)
    assert.notEqual(answer.body, 'no')
  }
  assert.equal((await get('/', 'POST')).status, 405)
})

test('a taken port is said', async () => {
  await assert.rejects(servePage(folder, server.address().port), { code: 'EADDRINUSE' })
})
