// What the store's operations cost by the size of the store, as a table: `npm run bench -- growth.bench`. Figures are of
// growth_figures, microseconds each.
import { growth } from './support/growth.mjs'

const most = Number(process.argv[2] ?? 1_000_000)
const rows = new Map()
const sizes = new Set()
for (const one of growth(most)) {
  const where = `${one.subjects} subjects, ${one.consumers} consumers, ${one.streams} streams`
  const key = `${one.operation} | ${where}`
  sizes.add(one.messages)
  rows.set(key, { ...rows.get(key), [one.messages]: one.ns / 1_000 })
}
console.log(`| operation, us | | ${[...sizes].map((size) => `${size} messages`).join(' | ')} |`)
console.log(`|---|---|${'---|'.repeat(sizes.size)}`)
for (const [key, row] of rows) {
  const cells = [...sizes].map((size) => row[size]?.toFixed(1) ?? '')
  console.log(`| ${key} | ${cells.join(' | ')} |`)
}
