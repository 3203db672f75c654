// Raw protocol: the same bytes to a stock nats-server and to frond-server, and the same bytes back, down to the texts
// of -ERR and whether the connection stays.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { exchange } from './raw_connection.mjs'
import { frond, startAlone, stock } from './server.mjs'

const plain = 'CONNECT {"verbose":false,"pedantic":false}\r\n'
const verbose = 'CONNECT {"verbose":true,"pedantic":false}\r\n'
const pedantic = 'CONNECT {"verbose":false,"pedantic":true}\r\n'
const headers =
  'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true,"protocol":1}\r\n'

const cases = {
  'ping before CONNECT': ['PING\r\n'],
  'CONNECT with defaults is verbose': ['CONNECT {}\r\n', 'PING\r\n', 'SUB a 1\r\n'],
  'verbose answers each verb': [
    `${verbose}PING\r\nSUB a 1\r\nPUB a 2\r\nhi\r\nUNSUB 1\r\nPING\r\n`,
  ],
  'lower case verbs': [`${plain}sub a 1\r\npub a 2\r\nhi\r\nping\r\n`],
  'tabs and runs of spaces': [`${plain}SUB  a\t 1\r\nPUB\ta   2\r\nhi\r\nPING\r\n`],
  'lines ended by LF only': [`${plain}SUB a 1\nPING\n`],
  'one byte at a time': [...`${plain}SUB a 1\r\nPUB a b 3\r\nxyz\r\nPING\r\n`]
    .filter(Boolean)
    .reduce((parts, byte, i) => {
      if (i % 9 === 0) parts.push('')
      parts[parts.length - 1] += byte
      return parts
    }, []),
  'unknown operation before CONNECT': ['FOO\r\n'],
  'unknown operation after CONNECT': [`${plain}FOO bar\r\n`],
  'nearly a verb': [`${plain}PINX\r\n`],
  SUBX: [`${plain}SUBX a 1\r\n`],
  'an HTTP request': ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  'PUB without arguments': [`${plain}PUB\r\nPING\r\n`],
  'PUB with a subject only': [`${plain}PUB a\r\nPING\r\n`],
  'PUB with too many arguments': [`${plain}PUB a b c 1\r\nx\r\nPING\r\n`],
  'PUB with a negative size': [`${plain}PUB a -1\r\n\r\nPING\r\n`],
  'PUB with letters for a size': [`${plain}PUB a abc\r\nxxx\r\nPING\r\n`],
  'PUB with a huge size': [`${plain}PUB a 99999999999999999999\r\nPING\r\n`],
  'payload longer than said': [`${plain}SUB a 1\r\nPUB a 2\r\nhello\r\nPING\r\n`],
  'payload over max_payload': [`${plain}PUB a 65537\r\n`],
  'payload of max_payload': [`${plain}SUB a 1\r\nPUB a 65536\r\n${'x'.repeat(65536)}\r\nPING\r\n`],
  'control line too long': [`${plain}PUB ${'a'.repeat(5000)} 1\r\nx\r\n`],
  'control line too long without an end': [`${plain}SUB ${'a'.repeat(5000)}`],
  'SUB without arguments': [`${plain}SUB\r\nPING\r\n`],
  'SUB with one argument': [`${plain}SUB a\r\nPING\r\n`],
  'SUB with four arguments': [`${plain}SUB a q 1 2\r\nPING\r\n`],
  'SUB with an empty token': [`${plain}SUB a..b 1\r\nPING\r\n`],
  'SUB with a trailing dot': [`${plain}SUB a. 1\r\nPING\r\n`],
  'SUB with > in the middle': [`${plain}SUB a.>.b 1\r\nPING\r\n`],
  'SUB with wildcards inside of tokens': [
    `${plain}SUB a*b 1\r\nSUB a>b 2\r\nPUB a*b 1\r\nx\r\nPING\r\n`,
  ],
  'PUB to wildcards, not pedantic': [`${plain}SUB a.* 1\r\nPUB a.* 2\r\nhi\r\nPING\r\n`],
  'PUB to wildcards, pedantic': [`${pedantic}SUB a.* 1\r\nPUB a.* 2\r\nhi\r\nPING\r\n`],
  'PUB to an empty token, pedantic': [`${pedantic}PUB a..b 2\r\nhi\r\nPING\r\n`],
  'PUB to an empty token': [`${plain}SUB > 1\r\nPUB a..b 2\r\nhi\r\nPING\r\n`],
  'the same sid twice': [`${plain}SUB a 1\r\nSUB b 1\r\nPUB a 1\r\nx\r\nPUB b 1\r\ny\r\nPING\r\n`],
  'a message to be traced only': [
    `${headers}SUB a 1\r\n`,
    `HPUB a 55 57\r\nNATS/1.0\r\nNats-Trace-Dest: t\r\nNats-Trace-Only: true\r\n\r\nhi\r\nPING\r\n`,
  ],
  'UNSUB of an unknown sid': [`${plain}UNSUB 9\r\nPING\r\n`],
  'UNSUB without arguments': [`${plain}UNSUB\r\nPING\r\n`],
  'UNSUB with a bad maximum': [`${plain}SUB a 1\r\nUNSUB 1 x\r\nPUB a 1\r\nx\r\nPING\r\n`],
  'UNSUB after two': [
    `${plain}SUB a 1\r\nUNSUB 1 2\r\nPUB a 1\r\n1\r\nPUB a 1\r\n2\r\nPUB a 1\r\n3\r\nPING\r\n`,
  ],
  'UNSUB with a maximum already reached': [
    `${plain}SUB a 1\r\nPUB a 1\r\n1\r\nPUB a 1\r\n2\r\nUNSUB 1 1\r\nPUB a 1\r\n3\r\nPING\r\n`,
  ],
  'echo off': ['CONNECT {"verbose":false,"echo":false}\r\nSUB a 1\r\nPUB a 2\r\nhi\r\nPING\r\n'],
  'queue group takes one': [`${plain}SUB a q 1\r\nPUB a r 2\r\nhi\r\nPING\r\n`],
  'no responders': [`${headers}SUB r 1\r\nPUB nobody r 0\r\n\r\nPING\r\n`],
  'no responders without a reply': [`${headers}PUB nobody 0\r\n\r\nPING\r\n`],
  'no responders to an inbox of two': [
    `${headers}SUB _INBOX.x.* 7\r\nPUB a.b _INBOX.x.1 2\r\nhi\r\nPING\r\n`,
  ],
  'no_responders without headers': [
    'CONNECT {"verbose":false,"no_responders":true,"headers":false}\r\n',
  ],
  // The line alone: bytes that nobody reads any more would take the -ERR with them when it closes.
  'HPUB without headers': [`${plain}HPUB a 12 14\r\n`],
  'HPUB to a subscriber': [
    `${headers}SUB a 1\r\nHPUB a 22 24\r\nNATS/1.0\r\nK: value\r\n\r\nhi\r\nPING\r\n`,
  ],
  'HPUB with a reply': [`${headers}SUB a 1\r\nHPUB a r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nPING\r\n`],
  'HPUB with header longer than the total': [`${headers}HPUB a 20 4\r\nxxxx\r\nPING\r\n`],
  'HPUB with one size': [`${headers}HPUB a 12\r\nNATS/1.0\r\n\r\n\r\nPING\r\n`],
  'HPUB with bad sizes': [`${headers}HPUB a x y\r\n\r\nPING\r\n`],
  'HPUB over max_payload': [`${headers}HPUB a 12 65537\r\n`],
  'CONNECT that is no JSON': ['CONNECT {foo}\r\nPING\r\n'],
  'CONNECT without a body': ['CONNECT\r\nPING\r\n'],
  'CONNECT with protocol 5': ['CONNECT {"verbose":false,"protocol":5}\r\nPING\r\n'],
  'CONNECT with an account': ['CONNECT {"verbose":false,"account":"A"}\r\nPING\r\n'],
  'CONNECT with unknown fields': ['CONNECT {"verbose":false,"future":{"a":[1]}}\r\nPING\r\n'],
  'CONNECT twice': [`${plain}${plain}PING\r\n`],
  'PONG unasked': [`${plain}PONG\r\nPING\r\n`],
  '+OK from a client': [`${plain}+OK\r\nPING\r\n`],
  '-ERR from a client': [`${plain}-ERR 'hello'\r\nPING\r\n`],
  'MSG from a client': [`${plain}MSG a 1 1\r\nx\r\nPING\r\n`],
  'INFO from a client': [`${plain}INFO {}\r\nPING\r\n`],
  'leaf verbs from a client': [`${plain}LS+ a\r\nPING\r\n`],
  'reply with a JetStream ack': [`${plain}PUB a $JS.ACK.S.C.1.1.1.1.0 0\r\n\r\nPING\r\n`],
  'queue name _sys_': [`${plain}SUB a _sys_ 1\r\nPING\r\n`],
  'empty lines': [`${plain}\r\n\r\nPING\r\n`],
  'PING with arguments': [`${plain}PING hello\r\n`],
  'JetStream API without a stream': [
    `${headers}SUB r 1\r\nPUB $JS.API.STREAM.INFO.NONE r 0\r\n\r\n`,
    'PING\r\n',
  ],
}

const servers = {}
before(async () => {
  servers.nats = await startAlone(stock('2.15'))
  servers.frond = await startAlone(frond)
})
after(async () => {
  for (const server of Object.values(servers)) await server.remove()
})

/** Which of a client's own subscriptions gets a message first is as Go's maps have it: sorted here. */
function inAnyOrder(got) {
  const frames = got.received.split(/(?=^MSG )/m)
  const messages = frames.filter((frame) => frame.startsWith('MSG '))
  const last = messages.at(-1) ?? ''
  const end = last.slice(last.indexOf('PONG'))
  const bare = messages.map((frame) => frame.replace('PONG\r\n', '')).sort()
  return { ...got, received: bare.join('') + end }
}

test('overlapping subscriptions', async () => {
  const parts = [`${plain}SUB a.b 1\r\nSUB a.b 1x\r\nPUB a.b 1\r\nx\r\nPING\r\n`]
  const [expected, got] = await Promise.all([
    exchange(servers.nats.ports[0], parts),
    exchange(servers.frond.ports[0], parts),
  ])
  assert.match(got.received, /MSG a\.b 1 1\r\nx\r\n/)
  assert.match(got.received, /MSG a\.b 1x 1\r\nx\r\n/)
  assert.deepEqual(inAnyOrder(got), inAnyOrder(expected))
})

for (const [name, parts] of Object.entries(cases)) {
  test(name, async () => {
    const [expected, got] = await Promise.all([
      exchange(servers.nats.ports[0], parts),
      exchange(servers.frond.ports[0], parts),
    ])
    assert.deepEqual(got, expected)
  })
}
