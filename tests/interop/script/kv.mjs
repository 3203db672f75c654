// Key-value buckets with the stock client.
import { Kvm } from '@nats-io/kv'

const shown = (entry) =>
  entry && {
    key: entry.key,
    value: entry.string(),
    revision: entry.revision,
    operation: entry.operation,
    length: entry.length,
  }
async function listed(iterator, limit = Number.POSITIVE_INFINITY) {
  const all = []
  for await (const item of iterator) {
    all.push(item)
    if (all.length >= limit) break
  }
  return all
}

export const kvSteps = [
  [
    'create a bucket',
    async (c) => {
      c.kv = await new Kvm(c.nc).create('conf', { history: 3 })
      const status = await c.kv.status()
      return [status.bucket, status.history, status.values, status.ttl, status.backingStore]
    },
  ],
  ['open a bucket that is not there', async ({ nc }) => (await new Kvm(nc).open('none')).status()],
  ['a bad bucket name', async ({ nc }) => new Kvm(nc).create('a.b')],
  ['create it again', async ({ nc }) => (await new Kvm(nc).create('conf', { history: 3 })).bucket],
  [
    'create it otherwise',
    async ({ nc }) => (await new Kvm(nc).create('conf', { history: 5 })).bucket,
  ],
  ['get nothing', async ({ kv }) => kv.get('a')],
  ['put and get', async ({ kv }) => [await kv.put('a', '1'), shown(await kv.get('a'))]],
  ['put again', async ({ kv }) => [await kv.put('a', '2'), shown(await kv.get('a'))]],
  [
    'a key of several tokens',
    async ({ kv }) => [await kv.put('b.c.d', 'x'), shown(await kv.get('b.c.d'))],
  ],
  ['a bad key', async ({ kv }) => kv.put('a b', 'x')],
  ['create what is there', async ({ kv }) => kv.create('a', 'x')],
  ['create what is not', async ({ kv }) => kv.create('new', 'n')],
  ['update with the right revision', async ({ kv }) => kv.update('new', 'n2', 4)],
  ['update with a wrong revision', async ({ kv }) => kv.update('new', 'n3', 4)],
  ['get a revision', async ({ kv }) => shown(await kv.get('a', { revision: 1 }))],
  [
    'get a revision of another key',
    async ({ kv }) => shown(await kv.get('b.c.d', { revision: 1 })),
  ],
  [
    'delete',
    async ({ kv }) => {
      await kv.delete('a')
      return shown(await kv.get('a'))
    },
  ],
  [
    'create after a delete',
    async ({ kv }) => [await kv.create('a', 'again'), shown(await kv.get('a'))],
  ],
  ['history', async ({ kv }) => (await listed(await kv.history({ key: 'a' }))).map(shown)],
  ['history of everything', async ({ kv }) => (await listed(await kv.history())).map(shown)],
  [
    'history is bounded',
    async ({ kv }) => {
      for (let i = 0; i < 5; i++) await kv.put('h', `${i}`)
      return (await listed(await kv.history({ key: 'h' }))).map(shown)
    },
  ],
  ['keys', async ({ kv }) => (await listed(await kv.keys())).sort()],
  ['keys with a filter', async ({ kv }) => (await listed(await kv.keys('b.>'))).sort()],
  [
    'purge',
    async ({ kv }) => {
      await kv.purge('h')
      return (await listed(await kv.history({ key: 'h' }))).map(shown)
    },
  ],
  ['keys after a purge', async ({ kv }) => (await listed(await kv.keys())).sort()],
  ['delete with a wrong revision', async ({ kv }) => kv.delete('new', { previousSeq: 1 })],
  [
    'watch from the start',
    async ({ kv }) => {
      const watch = await kv.watch()
      const entries = await listed(watch, 4)
      return entries.map(shown)
    },
  ],
  [
    'watch for updates',
    async ({ kv }) => {
      const watch = await kv.watch({ key: 'w.*', include: 'updates' })
      const seen = listed(watch, 3)
      await kv.put('w.1', 'a')
      await kv.put('other', 'b')
      await kv.delete('w.1')
      await kv.put('w.2', 'c')
      return (await seen).map(shown)
    },
  ],
  [
    'watch with deletes ignored',
    async ({ kv }) => {
      const watch = await kv.watch({ key: 'w.*', ignoreDeletes: true })
      return (await listed(watch, 1)).map(shown)
    },
  ],
  [
    'a value of 60 kB',
    async ({ kv }) => {
      const revision = await kv.put('large', 'v'.repeat(60_000))
      const entry = await kv.get('large')
      return [revision, entry.length]
    },
  ],
  [
    'purge deletes',
    async ({ kv }) => {
      const { purged } = await kv.purgeDeletes(1)
      return [purged > 0, (await listed(await kv.keys())).sort()]
    },
  ],
  ['status with values', async ({ kv }) => (await kv.status()).values],
  [
    'list buckets',
    async ({ nc }) => {
      const names = []
      for await (const status of new Kvm(nc).list()) names.push(status.bucket)
      return names
    },
  ],
  [
    'a bucket with one value a key',
    async ({ nc }) => {
      const kv = await new Kvm(nc).create('single')
      await kv.put('k', '1')
      await kv.put('k', '2')
      return [(await listed(await kv.history({ key: 'k' }))).map(shown), (await kv.status()).values]
    },
  ],
  [
    'destroy',
    async ({ kv, nc }) => {
      await kv.destroy()
      return (await new Kvm(nc).open('conf')).get('a')
    },
  ],
]
