// Runs the tests: `node scripts/test.mjs [step…] [-- arguments for that step's runner]`, every step by default. Each
// step builds what it needs. The last line is `N passed, N failed` over all steps; the exit code is 0 only without a
// failure.
import { natsServers } from './setup/nats_servers.mjs'
import { setUp } from './setup.mjs'
import { main, StepError, say } from './terminal.mjs'
import { steps } from './test/steps.mjs'

function arguments_() {
  const words = process.argv.slice(2)
  const named = []
  while (words.length > 0 && words[0] in steps) named.push(words.shift())
  if (words[0] === '--') words.shift()
  if (words.length > 0 && named.length !== 1) {
    throw new StepError(
      `arguments for a runner need exactly one step before them; steps: ${Object.keys(steps).join(' ')}`,
    )
  }
  return { names: named.length > 0 ? named : Object.keys(steps), extra: words }
}

async function runStep(name, extra) {
  const began = performance.now()
  say(`${name}`)
  let counts
  try {
    counts = await steps[name](extra)
  } catch (error) {
    // What cannot be built or started counts as one failure, with its own words.
    say(error instanceof StepError ? error.message : error.stack)
    counts = { passed: 0, failed: 1, note: 'did not run to its end' }
  }
  return { name, ...counts, seconds: (performance.now() - began) / 1000 }
}

function table(rows) {
  const cells = rows.map((row) => [
    row.name,
    String(row.passed),
    String(row.failed),
    `${row.seconds.toFixed(1)} s`,
    row.note ?? '',
  ])
  const all = [['step', 'passed', 'failed', 'time', ''], ...cells]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column].length)))
  for (const row of all) {
    const [first, ...numbers] = widths.map((width, i) =>
      i === 0 ? row[i].padEnd(width) : row[i].padStart(width),
    )
    say(`  ${first}  ${numbers.join('  ')}  ${row[4]}`.trimEnd())
  }
}

main(async () => {
  const { names, extra } = arguments_()
  await setUp({ tests: true })
  const rows = []
  for (const name of names) rows.push(await runStep(name, extra))
  say('')
  table(rows)
  const servers = natsServers().map((row) => `${row.version} (${row.suite})`)
  if (names.includes('interop')) say(`  stock nats-server: ${servers.join(', ')}`)
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0)
  say(`\n${sum('passed')} passed, ${sum('failed')} failed`)
  return sum('failed') === 0 ? 0 : 1
})
