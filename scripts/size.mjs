// What an app downloads, gzipped, against js/size-budget.json: { "<file in js/dist, or total>": bytes }.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildJs } from './build.mjs'
import { root } from './paths.mjs'
import { setUp } from './setup.mjs'
import { isMain, main, StepError, say } from './terminal.mjs'

const dist = join(root, 'js/dist')

/** The files of js/dist that a browser fetches. Node's entry points, types and source maps are not among them. */
function shipped() {
  return readdirSync(dist, { recursive: true })
    .filter((name) => /\.(m?js|wasm)$/.test(name) && !/(^|[/_.-])node[_.]/.test(name))
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(dist, name))
      return { name, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length }
    })
}

function withTotal(files) {
  const sum = (key) => files.reduce((total, file) => total + file[key], 0)
  return [...files, { name: 'total', raw: sum('raw'), gzip: sum('gzip') }]
}

/** One line for each budget that is broken; a budget for a file that is not built is broken too. */
export function overBudget() {
  const budget = JSON.parse(readFileSync(join(root, 'js/size-budget.json'), 'utf8'))
  if (!('total' in budget)) throw new StepError('js/size-budget.json names no total')
  const rows = new Map(withTotal(shipped()).map((row) => [row.name, row.gzip]))
  return Object.entries(budget).flatMap(([name, most]) => {
    const bytes = rows.get(name)
    if (bytes === undefined) return [`${name} has a budget but is not in js/dist`]
    return bytes > most ? [`${name}: ${bytes} bytes gzipped, the budget is ${most}`] : []
  })
}

if (isMain(import.meta)) {
  main(async () => {
    await setUp({ tests: false })
    await buildJs()
    for (const { name, raw, gzip } of withTotal(shipped())) {
      say(`${String(raw).padStart(9)} raw ${String(gzip).padStart(8)} gzip  ${name}`)
    }
    const over = overBudget()
    for (const line of over) say(`over budget: ${line}`)
    return over.length === 0 ? 0 : 1
  })
}
