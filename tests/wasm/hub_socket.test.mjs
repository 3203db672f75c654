// The hub's WebSocket while the engine holds the link: nothing is lost, turned round or kept without end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HubSocket, hubHeldBytesMax } from 'frond/internal'

function pair(socketFields = {}) {
  const socket = { readyState: 1, bufferedAmount: 0, send: () => undefined, close: () => undefined }
  Object.assign(socket, socketFields)
  const events = { received: [], closed: [] }
  const hub = new HubSocket('ws://hub', () => socket, {
    opened: () => undefined,
    received: (bytes) => {
      events.received.push(bytes.length)
      events.after?.(bytes.length)
    },
    sent: () => undefined,
    closed: (cause) => events.closed.push(cause),
  })
  socket.onopen()
  return {
    hub,
    socket,
    events,
    say: (length) => socket.onmessage({ data: new ArrayBuffer(length) }),
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0))

test('what comes while the link is held is handed on afterwards, in order', async () => {
  const { hub, events, say } = pair()
  say(1)
  hub.hold(true)
  say(2)
  say(3)
  assert.deepEqual(events.received, [1])
  hub.hold(false)
  say(4)
  await turn()
  say(5)
  assert.deepEqual(events.received, [1, 2, 3, 4, 5])
  hub.close()
})

test('a hold in the middle of that stops it', async () => {
  const { hub, events, say } = pair()
  hub.hold(true)
  for (const length of [1, 2, 3]) say(length)
  events.after = (length) => {
    if (length === 2) hub.hold(true)
  }
  hub.hold(false)
  await turn()
  assert.deepEqual(events.received, [1, 2])
  say(4)
  hub.hold(false)
  await turn()
  assert.deepEqual(events.received, [1, 2, 3, 4])
  hub.close()
})

test('a hub that sends without end is cut off', () => {
  const { hub, events, say } = pair()
  hub.hold(true)
  for (let kept = 0; kept <= hubHeldBytesMax; kept += 4_194_304) say(4_194_304)
  assert.equal(events.closed.length, 1)
  assert.deepEqual(events.received, [])
})

test('a socket that can stop reading does so', () => {
  const calls = []
  const { hub } = pair({ pause: () => calls.push('pause'), resume: () => calls.push('resume') })
  hub.hold(true)
  hub.hold(true)
  hub.hold(false)
  assert.deepEqual(calls, ['pause', 'resume'])
  hub.close()
})

test('a hub that cannot be reached is named, with what to look at; one that was lost is not', () => {
  const closedWith = (url, opened) => {
    const socket = { close: () => undefined }
    const causes = []
    const nothing = () => undefined
    const events = { opened: nothing, received: nothing, sent: nothing }
    new HubSocket(url, () => socket, { ...events, closed: (cause) => causes.push(cause) })
    if (opened) socket.onopen()
    socket.onerror({})
    socket.onclose({ code: 1006, reason: '' })
    return causes[0]
  }
  assert.match(
    closedWith('wss://hub.example.com/leafnode'),
    /^wss:\/\/hub\.example\.com\/leafnode does not answer .*running.*leafnodes.*allowed_origins.*certificate.*code 1006/,
  )
  assert.doesNotMatch(closedWith('ws://127.0.0.1:4280/leafnode'), /certificate/)
  assert.equal(closedWith('ws://hub', true), 'closed with code 1006')
})
