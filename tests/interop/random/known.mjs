// Differences that stay, each with its reason: both sides' answers are brought to one form before they are compared.

/** Whether two of the operations make the same consumer: it may have another filter than before. */
export function refilters(list) {
  const made = list
    .map(([, subject]) => /CONSUMER\.(?:DURABLE\.)?CREATE\.(\w+\.\w+)/.exec(subject)?.[1])
    .filter(Boolean)
  return new Set(made).size < made.length
}

/** Fields of an answer that are left out on both sides; `refiltered` when a consumer may have another filter. */
export function withoutKnown(value, refiltered) {
  if (Array.isArray(value)) return value.map((item) => withoutKnown(item, refiltered))
  if (value === null || typeof value !== 'object') return value
  const result = {}
  for (const [name, item] of Object.entries(value)) {
    result[name] = withoutKnown(item, refiltered)
  }
  // A consumer stands behind a purge at once in nats-server; here when it reads on.
  // (Not compared at all: whether it is one or the other depends on the purge.)
  if (result.delivered && result.ack_floor) {
    delete result.delivered
    delete result.ack_floor
  }
  if (refiltered) delete result.num_pending
  if (result.pause_remaining > 0) result.pause_remaining = 1
  // An empty file store of nats-server counts sequence 0 among the deleted ones.
  if (result.num_deleted === 1 && result.deleted?.[0] === 0) {
    delete result.num_deleted
    delete result.deleted
  }
  return result
}
