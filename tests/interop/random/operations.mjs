// Operations drawn at random from a small world: three streams, three consumers, a handful of subjects, so that what is
// drawn meets what was drawn before. An operation is plain data, [kind, ...arguments], which run.mjs carries out; the
// same seed draws the same operations. Values at the edges (zero, negative, huge, empty, of another type) come often.

/** A generator of numbers in [0, 1) that a seed fixes (mulberry32). */
function numbers(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const second = 1_000_000_000
const streams = ['S1', 'S2', 'S3']
const consumers = ['C1', 'C2', 'C3']
const subjects = ['s1.a', 's1.b', 's1.a.b', 's2.a', 's2.b', 's3', 's3.x', 'none.here']
const filters = [
  ...subjects,
  's1.*',
  's1.>',
  's1.*.b',
  '*.a',
  '>',
  's2.*',
  's2.>',
  's3.>',
  '>.a',
  's1..a',
  's1.',
  '.s1',
  's 1',
  '',
]
// One fault at a time: with several, which one is told of first is nobody's promise.
const streamFilters = filters.slice(0, -6)
const badNames = ['', 'S.1', 'S 1', 'S*', 'S>', 'a/b', 'S4']

class Draw {
  constructor(seed) {
    this.next = numbers(seed)
  }
  chance(part) {
    return this.next() < part
  }
  below(count) {
    return Math.floor(this.next() * count)
  }
  one(list) {
    return list[this.below(list.length)]
  }
  /** Up to `most` of the list. */
  some(list, most) {
    return Array.from({ length: this.below(most + 1) }, () => this.one(list))
  }
  /** By weight: [[weight, value], ...]. */
  weighed(rows) {
    let at = this.next() * rows.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, value] of rows) {
      at -= weight
      if (at < 0) return value
    }
    return rows.at(-1)[1]
  }
  stream() {
    return this.chance(0.03) ? this.one(badNames) : this.one(streams)
  }
  consumer() {
    return this.chance(0.03) ? this.one(badNames) : this.one(consumers)
  }
  /** An object with some of the fields that the table can draw: { name: [chance, () => value] }. */
  object(table) {
    const result = {}
    for (const [name, [part, value]] of Object.entries(table)) {
      if (this.chance(part)) result[name] = value()
    }
    return result
  }
  /** Now and then one field is of a wrong type or one too many, as a careless client sends it. */
  careless(object) {
    if (!this.chance(0.02)) return object
    const names = Object.keys(object)
    const wrong = this.one([null, true, -1, 1.5, 'x', [], {}, '', 9e18])
    return { ...object, [names.length ? this.one(names) : 'unknown']: wrong }
  }
}

function streamConfig(d, name) {
  const usual = { S1: ['s1.>'], S2: ['s2.*'], S3: ['s3', 's3.>'] }[name] ?? ['s4.>']
  return d.careless({
    name,
    subjects: d.chance(0.85) ? usual : d.some(streamFilters, 3),
    retention: 'limits',
    ...d.object({
      storage: [0.9, () => d.one(['file', 'memory'])],
      max_msgs: [0.3, () => d.one([-1, 0, 1, 2, 5, -2])],
      max_bytes: [0.2, () => d.one([-1, 0, 1, 200, 1000, -2])],
      max_age: [0.15, () => d.one([0, 3600 * second, 50_000_000_000, -1])],
      max_msg_size: [0.15, () => d.one([-1, 0, 5, 40, -2])],
      max_msgs_per_subject: [0.3, () => d.one([-1, 0, 1, 2, -2])],
      max_consumers: [0.1, () => d.one([-1, 0, 1, 2, -2])],
      discard: [0.4, () => d.one(['old', 'new'])],
      discard_new_per_subject: [0.1, () => d.chance(0.7)],
      duplicate_window: [0.2, () => d.one([0, 60 * second, 120 * second, 50_000_000_000, -1])],
      allow_direct: [0.4, () => d.chance(0.7)],
      allow_rollup_hdrs: [0.3, () => d.chance(0.7)],
      deny_delete: [0.1, () => d.chance(0.7)],
      deny_purge: [0.1, () => d.chance(0.7)],
      sealed: [0.02, () => d.chance(0.7)],
      no_ack: [0.04, () => d.chance(0.7)],
      num_replicas: [0.2, () => d.one([0, 1, 1, 1, 3, 7, -1])],
      first_seq: [0.1, () => d.one([0, 1, 10, 100])],
      description: [0.1, () => d.one(['', 'words', 'x'.repeat(5000)])],
      consumer_limits: [
        0.1,
        () =>
          d.object({
            max_ack_pending: [0.7, () => d.one([-1, 0, 1, 10])],
            inactive_threshold: [0.5, () => d.one([0, second, 3600 * second, -1])],
          }),
      ],
      metadata: [0.1, () => d.object({ a: [0.5, () => 'b'], c: [0.5, () => ''] })],
    }),
  })
}

function consumerConfig(d, name) {
  return d.careless({
    ...(d.chance(0.75) ? { durable_name: name } : {}),
    ...d.object({
      name: [0.4, () => (d.chance(0.9) ? name : d.consumer())],
      ack_policy: [0.9, () => d.one(['explicit', 'explicit', 'all', 'none'])],
      deliver_policy: [
        0.6,
        () =>
          d.one(['all', 'last', 'new', 'by_start_sequence', 'by_start_time', 'last_per_subject']),
      ],
      opt_start_seq: [0.15, () => d.one([0, 1, 2, 5, 100])],
      opt_start_time: [0.05, () => '2030-01-01T00:00:00Z'],
      ack_wait: [0.2, () => d.one([0, 3600 * second, -1, 50_000_000])],
      max_deliver: [0.25, () => d.one([-1, 0, 1, 2, -2])],
      backoff: [0.06, () => d.some([second, 2 * second, 0, -1], 3)],
      filter_subject: [0.4, () => d.one(filters)],
      filter_subjects: [0.12, () => d.some(filters, 3)],
      replay_policy: [0.2, () => 'instant'],
      max_ack_pending: [0.25, () => d.one([-1, 0, 1, 2, 10, -2])],
      max_waiting: [0.15, () => d.one([0, 1, 2, 512, -1])],
      max_batch: [0.1, () => d.one([0, 1, 3, -1])],
      max_expires: [0.1, () => d.one([0, second, 3600 * second, -1])],
      max_bytes: [0.1, () => d.one([0, 50, 1000, -1])],
      inactive_threshold: [0.15, () => d.one([0, 3600 * second, -1])],
      headers_only: [0.1, () => d.chance(0.7)],
      mem_storage: [0.1, () => d.chance(0.7)],
      num_replicas: [0.1, () => d.one([0, 1, 3, -1])],
      description: [0.05, () => d.one(['', 'words', 'x'.repeat(5000)])],
      sample_freq: [0.05, () => d.one(['100', '50%', 'x', '', '101'])],
      metadata: [0.1, () => d.object({ a: [0.5, () => 'b'] })],
      deliver_subject: [0.15, () => d.one(['d.1', 'd.2', 'd.*', 's1.a', '', 'd 1'])],
      deliver_group: [0.05, () => d.one(['g', ''])],
      flow_control: [0.03, () => d.chance(0.7)],
      idle_heartbeat: [0.03, () => d.one([0, 3600 * second, -1])],
      rate_limit_bps: [0.02, () => d.one([0, 1_000_000])],
      pause_until: [0.05, () => d.one(['2035-01-01T00:00:00Z', '2001-01-01T00:00:00Z'])],
    }),
  })
}

const request = (subject, body = '') => ['request', subject, body]
const json = (subject, body) => request(subject, JSON.stringify(body))

function publishHeaders(d) {
  return Object.entries(
    d.object({
      'Nats-Msg-Id': [0.2, () => d.one(['m1', 'm2', 'm3', ''])],
      'Nats-Expected-Stream': [0.1, () => d.stream()],
      'Nats-Expected-Last-Sequence': [0.1, () => d.one(['0', '1', '2', '3', 'x', ''])],
      'Nats-Expected-Last-Subject-Sequence': [0.1, () => d.one(['0', '1', '2', '3', 'x'])],
      'Nats-Expected-Last-Subject-Sequence-Subject': [0.05, () => d.one(filters)],
      'Nats-Expected-Last-Msg-Id': [0.1, () => d.one(['m1', 'm2', ''])],
      'Nats-Rollup': [0.08, () => d.one(['sub', 'all', 'x', ''])],
      Other: [0.2, () => d.one(['v', '', ' v '])],
    }),
  )
}

const payloads = ['', 'x', '12345678901234567890', 'y'.repeat(100), '{"a":1}']

/** A request to publish, with headers, answered by a PubAck or by nobody. */
function publish(d) {
  const subject = d.chance(0.97) ? d.one(subjects) : d.one(['s1.>', 's1.*', '>'])
  const fields = d.chance(0.5) ? publishHeaders(d) : []
  if (fields.length && d.chance(0.05)) fields.push([...d.one(fields)])
  return ['publish', subject, d.one(payloads), fields]
}

function messageGet(d) {
  return d.careless(
    d.object({
      seq: [0.5, () => d.one([0, 1, 2, 3, 5, 100])],
      last_by_subj: [0.25, () => d.one(filters)],
      next_by_subj: [0.25, () => d.one(filters)],
      batch: [0.08, () => d.one([0, 1, 2, 10, -1])],
      max_bytes: [0.04, () => d.one([0, 1, 200])],
      multi_last: [0.06, () => d.some(filters, 3)],
      up_to_seq: [0.04, () => d.one([0, 1, 3])],
      start_time: [0.03, () => d.one(['2001-01-01T00:00:00Z', '2030-01-01T00:00:00Z'])],
      no_hdr: [0.05, () => d.chance(0.5)],
    }),
  )
}

function purge(d) {
  return d.chance(0.3)
    ? ''
    : JSON.stringify(
        d.careless(
          d.object({
            filter: [0.6, () => d.one(filters)],
            seq: [0.3, () => d.one([0, 1, 2, 3, 100])],
            keep: [0.3, () => d.one([0, 1, 2, 100])],
          }),
        ),
      )
}

function pull(d) {
  if (d.chance(0.1)) return d.one(['', '1', '3', '0', '-1', 'x', '{}', '{'])
  return JSON.stringify(
    d.careless({
      no_wait: true,
      ...d.object({
        batch: [0.7, () => d.one([0, 1, 2, 5, -1])],
        expires: [0.3, () => d.one([0, 20_000_000, 100_000_000, 1, -1])],
        max_bytes: [0.15, () => d.one([0, 10, 100, 1000, -1])],
        idle_heartbeat: [0.05, () => d.one([0, 5_000_000, 10_000_000_000, -1])],
        min_pending: [0.02, () => 1],
        group: [0.02, () => 'g'],
      }),
    }),
  )
}

const apiPage = (d) =>
  d.chance(0.6)
    ? ''
    : JSON.stringify(
        d.careless(
          d.object({
            offset: [0.5, () => d.one([0, 1, 2, 100, -1])],
            subject: [0.3, () => d.one(filters)],
            subjects_filter: [0.3, () => d.one(filters)],
            deleted_details: [0.3, () => true],
          }),
        ),
      )

const acks = [
  '+ACK',
  '',
  '-NAK',
  '-NAK {"delay": 3600000000000}',
  '+WPI',
  '+TERM',
  '+TERM why',
  '+NXT',
  'x',
]

/** [weight, draw] of everything that a client can ask for. */
const kinds = [
  [
    9,
    (d, s) => json(`$JS.API.STREAM.CREATE.${s}`, streamConfig(d, d.chance(0.97) ? s : d.stream())),
  ],
  [
    6,
    (d, s) => json(`$JS.API.STREAM.UPDATE.${s}`, streamConfig(d, d.chance(0.97) ? s : d.stream())),
  ],
  [1.5, (_, s) => request(`$JS.API.STREAM.DELETE.${s}`)],
  [3, (d, s) => request(`$JS.API.STREAM.INFO.${s}`, apiPage(d))],
  [3, (d, s) => request(`$JS.API.STREAM.PURGE.${s}`, purge(d))],
  [
    3,
    (d, s) =>
      json(
        `$JS.API.STREAM.MSG.DELETE.${s}`,
        d.careless(
          d.object({ seq: [0.95, () => d.one([0, 1, 2, 3, 5, 100])], no_erase: [0.3, () => true] }),
        ),
      ),
  ],
  [3, (d, s) => json(`$JS.API.STREAM.MSG.GET.${s}`, messageGet(d))],
  [4, (d, s) => json(`$JS.API.DIRECT.GET.${s}`, messageGet(d))],
  [2, (d, s) => request(`$JS.API.DIRECT.GET.${s}.${d.one(filters)}`)],
  [1, (d) => request(`$JS.API.${d.one(['STREAM.NAMES', 'STREAM.LIST'])}`, apiPage(d))],
  [1, (d, s) => request(`$JS.API.${d.one(['CONSUMER.NAMES', 'CONSUMER.LIST'])}.${s}`, apiPage(d))],
  [1, (d) => request('$JS.API.INFO', d.chance(0.8) ? '' : 'x')],
  [9, (d, s) => createConsumer(d, s)],
  [3, (d, s) => request(`$JS.API.CONSUMER.INFO.${s}.${d.consumer()}`, d.chance(0.9) ? '' : '{}')],
  [1.5, (d, s) => request(`$JS.API.CONSUMER.DELETE.${s}.${d.consumer()}`)],
  [
    1,
    (d, s) =>
      json(
        `$JS.API.CONSUMER.PAUSE.${s}.${d.consumer()}`,
        d.object({
          pause_until: [0.6, () => d.one(['2035-01-01T00:00:00Z', '2001-01-01T00:00:00Z', 'x'])],
        }),
      ),
  ],
  [
    0.5,
    (d, s) =>
      json(
        `$JS.API.CONSUMER.RESET.${s}.${d.consumer()}`,
        d.object({ seq: [0.6, () => d.one([0, 1, 3, 100])] }),
      ),
  ],
  [10, (d, s) => ['pull', s, d.consumer(), pull(d)]],
  [8, (d) => ['ack', d.below(5), d.one(acks)]],
  [24, (d) => publish(d)],
  [
    0.8,
    (d) => [
      'subscribe',
      d.one(['d.1', 'd.2', '$JS.API.CONSUMER.>', 's1.*']),
      d.chance(0.3) ? 'g' : '',
    ],
  ],
  [0.8, (d) => ['unsubscribe', d.below(3)]],
  [1, (d, s) => request(odd(d, s), d.one(['', '{}', 'x', '{"seq":1}']))],
]

/** Both ways of making a consumer, by old and new subjects, with and without a filter in it. */
function createConsumer(d, s) {
  const name = d.consumer()
  const config = consumerConfig(d, name)
  const action = d.weighed([
    [6, undefined],
    [2, 'create'],
    [2, 'update'],
    [0.3, 'x'],
    [0.3, ''],
  ])
  const body = {
    stream_name: d.chance(0.97) ? s : d.stream(),
    config,
    ...(action !== undefined ? { action } : {}),
  }
  const subject = d.weighed([
    [5, `$JS.API.CONSUMER.CREATE.${s}.${name}`],
    [2, `$JS.API.CONSUMER.CREATE.${s}.${name}.${config.filter_subject ?? d.one(filters)}`],
    [2, `$JS.API.CONSUMER.DURABLE.CREATE.${s}.${name}`],
    [1, `$JS.API.CONSUMER.CREATE.${s}`],
  ])
  return json(subject, body)
}

/** Subjects beside those of the API. */
function odd(d, s) {
  return d.one([
    `$JS.API.STREAM.INFO.${s}.X`,
    '$JS.API.STREAM.INFO',
    '$JS.API.STREAM.NOTHING',
    '$JS.API',
    `$JS.API.CONSUMER.MSG.NEXT.${s}`,
    `$JS.API.CONSUMER.MSG.NEXT.${s}.C1.X`,
    '$JS.API.DIRECT.GET',
    `$JS.API.STREAM.LEADER.STEPDOWN.${s}`,
    `$JS.API.CONSUMER.LEADER.STEPDOWN.${s}.C1`,
    `$JS.API.STREAM.PEER.REMOVE.${s}`,
    `$JS.API.STREAM.SNAPSHOT.${s}.X`,
    '$JS.API.ACCOUNT.PURGE.X',
    '$JS.API.META.LEADER.STEPDOWN',
    `$JS.ACK.${s}.C1.1.1.1.1.1`,
    `$JS.ACK.${s}.C1.1.1.1.1`,
    `$JS.ACK.${s}.C1.1.1.1.1.1.1`,
  ])
}

/** `count` operations; the first ones make the streams, so that the rest meets something. */
export function operations(seed, count) {
  const d = new Draw(seed)
  const result = streams.map((name) => json(`$JS.API.STREAM.CREATE.${name}`, streamConfig(d, name)))
  while (result.length < count) result.push(d.weighed(kinds)(d, d.stream()))
  return result
}
