// A bare TCP connection to a server, for what no client library would send. Answers are compared as bytes.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server has answered when it has been quiet for so long. */
const quietMs = 120

/**
 * Sends the parts one after the other, waiting for quiet between them, and returns what came back after the INFO line
 * of the greeting, and whether the server closed the connection.
 */
export async function exchange(port, parts) {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  let closed = false
  let last = Date.now()
  socket.setNoDelay(true)
  socket.on('data', (data) => {
    received += data.toString('latin1')
    last = Date.now()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    closed = true
  })
  const quiet = async () => {
    const deadline = Date.now() + 3000
    while (!closed && Date.now() - last < quietMs && Date.now() < deadline) await sleep(10)
  }
  while (!received.includes('\r\n') && !closed) await sleep(5)
  for (const part of parts) {
    if (closed) break
    socket.write(Buffer.from(part, 'latin1'))
    last = Date.now()
    await quiet()
  }
  socket.destroy()
  return { received: normal(received), closed }
}

/** A connection that stays: send() waits for the PONG where it ends with a PING, and for quiet; take() gives what came since. */
export async function openRaw(port) {
  const socket = connect(port, '127.0.0.1')
  const client = { raw: '', closed: false }
  let last = Date.now()
  let taken = 0
  socket.on('data', (data) => {
    client.raw += data.toString('latin1')
    last = Date.now()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    client.closed = true
  })
  client.quiet = async (ms = quietMs) => {
    last = Date.now()
    while (!client.closed && Date.now() - last < ms) await sleep(10)
  }
  client.send = async (text) => {
    const before = client.raw.length
    socket.write(Buffer.from(text, 'latin1'))
    const deadline = Date.now() + (text.endsWith('PING\r\n') ? 3000 : 0)
    while (!client.closed && !client.raw.includes('PONG\r\n', before) && Date.now() < deadline)
      await sleep(5)
    await client.quiet()
  }
  client.take = () => {
    const part = client.raw.slice(taken)
    taken = client.raw.length
    return { received: normal(part), closed: client.closed }
  }
  client.destroy = () => socket.destroy()
  while (!client.raw.includes('\r\n') && !client.closed) await sleep(5)
  return client
}

/** Without what differs from server to server and run to run: INFO lines and the time of a PING. */
function normal(text) {
  return text.replaceAll(/INFO \{.*?\}[ ]*\r\n/g, '').replaceAll(/^PING\r\n/gm, '')
}
