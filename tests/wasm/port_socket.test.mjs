// The WebSocket-shaped end of a port: order, copies, bounds and the two ways in which it ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientPort, FrondNode, PortSocket, portAckBytes, portWindowBytes } from 'frond/internal'

function pair() {
  const { port1, port2 } = new MessageChannel()
  const received = []
  port2.onmessage = ({ data }) => received.push(data)
  let ended = 0
  const socket = new PortSocket(port1, () => ++ended)
  return { socket, peer: port2, received, ended: () => ended }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 20))
/** A busy machine may take more than one turn. */
const until = async (reached) => {
  do await turn()
  while (!reached())
}
const text = (data) => new TextDecoder().decode(data)
const bytes = (value) => new TextEncoder().encode(value)

test('what is sent in one turn arrives as one message; the sender keeps its buffers', async () => {
  const { socket, peer, received } = pair()
  const ping = bytes('PING\r\n')
  socket.send(ping.buffer)
  socket.send(ping.buffer)
  assert.equal(socket.bufferedAmount, 12)
  await turn()
  assert.equal(socket.bufferedAmount, 0)
  socket.send(ping.buffer)
  await until(() => received.length === 2)
  assert.equal(ping.byteLength, 6)
  assert.deepEqual(received.map(text), ['PING\r\nPING\r\n', 'PING\r\n'])
  peer.close()
})

test('closing sends what is queued first and reports a clean end afterwards', async () => {
  const { socket, peer, received, ended } = pair()
  const closes = []
  socket.onclose = (event) => closes.push(event)
  socket.send(bytes('last'))
  socket.close()
  assert.equal(closes.length, 0)
  await until(() => received.length === 2)
  assert.equal(text(received[0]), 'last')
  assert.equal(received[1].type, 'close')
  assert.deepEqual(closes, [{ wasClean: true, code: 1000, reason: '' }])
  assert.equal(ended(), 1)
  socket.send(bytes('ignored'))
  socket.close()
  await turn()
  assert.equal(received.length, 2)
  peer.close()
})

test('an end from the other side is unclean and carries its reason', async () => {
  const { socket, peer } = pair()
  const closed = new Promise((resolve) => {
    socket.onclose = resolve
  })
  peer.postMessage({ type: 'close', reason: 'node restarted' })
  const event = await closed
  assert.equal(event.wasClean, false)
  assert.equal(event.reason, 'node restarted')
  assert.equal(socket.readyState, 3)
})

test('progress is reported so that the engine can bound what waits', async () => {
  const { socket, peer, received } = pair()
  socket.onmessage = () => undefined
  for (let i = 0; i < 3; ++i) {
    const part = new ArrayBuffer(portAckBytes / 2)
    peer.postMessage(part, [part])
  }
  await until(() => received.length > 0)
  assert.deepEqual(received, [{ type: 'consumed', bytes: portAckBytes }])
  socket.close()
  await turn()
  peer.close()
})

test('a worker that takes nothing is sent no more than a window; the rest follows in order', async () => {
  const { port1, port2 } = new MessageChannel()
  const socket = new PortSocket(port1, () => undefined)
  let taken = 0
  let next = 0
  const client = new ClientPort(port2, {
    received(data) {
      taken += data.length
      // Each part is filled with its number.
      for (let at = 0; at < data.length; at += portAckBytes) assert.equal(data[at], next++ % 256)
    },
    sent: () => undefined,
    closed: () => undefined,
  })
  client.hold(true)
  const count = 100
  for (let i = 0; i < count; ++i) {
    socket.send(new Uint8Array(portAckBytes).fill(i % 256))
    if (i % 10 === 0) await turn()
  }
  await turn()
  assert.ok(taken >= portWindowBytes && taken <= portWindowBytes + portAckBytes, `${taken}`)
  assert.equal(socket.bufferedAmount + taken, count * portAckBytes)
  client.hold(false)
  await turn()
  await turn()
  assert.equal(taken, count * portAckBytes)
  assert.equal(socket.bufferedAmount, 0)
  socket.close()
  client.close('done')
})

test('a held connection can be closed: what was written before goes first', async () => {
  const { port1, port2 } = new MessageChannel()
  const socket = new PortSocket(port1, () => undefined)
  let taken = 0
  const closed = new Promise((resolve) => {
    const client = new ClientPort(port2, {
      received: (data) => {
        taken += data.length
      },
      sent: () => undefined,
      closed: resolve,
    })
    client.hold(true)
  })
  const bytesWritten = 3 * portWindowBytes
  for (let i = 0; i < 3; ++i) socket.send(new Uint8Array(portWindowBytes))
  await turn()
  assert.ok(taken < bytesWritten)
  socket.close()
  await closed
  assert.equal(taken, bytesWritten)
})

test('a connection that the worker does not take fails at once', async () => {
  const control = {
    connect: () => Promise.reject(new Error('not taken')),
    close: async () => {},
    lose() {},
  }
  const node = new FrondNode('n', 'n', control, () => undefined)
  const began = performance.now()
  await assert.rejects(node.connect(), /not taken/)
  assert.ok(performance.now() - began < 5_000)
})
