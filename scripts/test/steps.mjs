// The steps of `npm test`, in their order: cheap ones first. Each returns { passed, failed } and maybe a note.
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { buildDemo, buildJs, buildNative } from '../build.mjs'
import { cmakeBuild } from '../cmake.mjs'
import { lintTools } from '../lint.mjs'
import { build, root } from '../paths.mjs'
import { overBudget } from '../size.mjs'
import { capture, StepError, say } from '../terminal.mjs'
import { countCatch, countLies, countNode, countSimulation, sumCounts } from './count.mjs'

const minute = 60_000
/** How many seeds `npm test` runs, in about 80 s on two cores; FROND_SIM_SEEDS sets another number. */
const seeds = process.env.FROND_SIM_SEEDS ?? '2000'
const sanitizedSeeds = '100'

async function lint() {
  const results = []
  for (const tool of lintTools)
    results.push((await tool.check()) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })
  return sumCounts(results)
}

/** Runs `node --test` over tests/<folder>/**.test.mjs. */
async function nodeTests(folder, extra, { concurrency, timeoutMs }) {
  const files = testFiles(join(root, 'tests', folder))
  if (files.length === 0) throw new StepError(`tests/${folder} has no *.test.mjs`)
  const options = [
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${timeoutMs}`,
    ...extra,
  ]
  const { code, output } = await capture(process.execPath, [...options, ...files], {
    timeoutMs: 30 * minute,
    env: { FORCE_COLOR: '0' },
    passThrough: extra.length > 0,
  })
  const counts = countNode(output, code)
  if (counts.failed > 0) say(failingPart(output))
  return counts
}

function testFiles(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return testFiles(path)
      return entry.name.endsWith('.test.mjs') ? [path] : []
    })
    .sort()
}

/** The spec reporter repeats what failed at its end. */
function failingPart(output) {
  const at = output.lastIndexOf('failing tests:')
  return at < 0 ? output.split('\n').slice(-80).join('\n') : output.slice(at)
}

/** Every Catch2 program under tests/ of the dev preset (ASan and UBSan), one after the other. */
async function unit(extra) {
  await cmakeBuild('dev', ['unit', 'headers'])
  const folder = join(build, 'dev/tests')
  const programs = readdirSync(folder)
    .filter((name) => name.startsWith('unit_') && !name.includes('.'))
    .sort()
  const results = []
  for (const name of programs) {
    const { code, output } = await capture(join(folder, name), extra, { timeoutMs: 5 * minute })
    // A filter that names no test of this program.
    if (extra.length > 0 && output.includes('No tests ran')) continue
    const counts = countCatch(output, code)
    if (counts.failed > 0) say(`${name}:\n${output.split('\n').slice(-120).join('\n')}`)
    results.push(counts)
  }
  if (results.length === 0) throw new StepError('no unit test ran')
  return { ...sumCounts(results), note: `${results.length} programs, ASan and UBSan` }
}

/** The seeded simulation: many seeds optimised, some under the sanitizers, and the proof that its checks can fail. */
async function sim(extra) {
  await cmakeBuild('release', ['frond_sim'])
  const program = join(build, 'release/tests/sim/frond_sim')
  if (extra.length > 0) {
    const { code } = await capture(program, extra, { passThrough: true })
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
  }
  await cmakeBuild('dev', ['frond_sim'])
  const jobs = String(availableParallelism())
  const runSeeds = async (preset, count) => {
    const words = [
      '--seeds',
      `1..${count}`,
      '--jobs',
      jobs,
      '--regressions',
      'tests/sim/regressions.txt',
    ]
    const { code, output } = await capture(join(build, preset, 'tests/sim/frond_sim'), words, {
      timeoutMs: 10 * minute,
    })
    if (code !== 0) say(output.split('\n').slice(-60).join('\n'))
    return countSimulation(output, code)
  }
  const lies = await capture(program, ['--self-test', '--seeds', '1..60'], {
    timeoutMs: 5 * minute,
  })
  if (lies.code !== 0) say(lies.output)
  const results = [
    await runSeeds('release', seeds),
    await runSeeds('dev', sanitizedSeeds),
    countLies(lies.output, lies.code),
  ]
  return {
    ...sumCounts(results),
    note: `${seeds} seeds, ${sanitizedSeeds} under ASan and UBSan, and the lies`,
  }
}

async function size() {
  await buildJs()
  const over = overBudget()
  for (const line of over) say(`  ${line}`)
  return over.length === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** Rules look at the compiled layers too. */
async function rules(extra) {
  await cmakeBuild('release', ['core/all'])
  return nodeTests('rules', extra, { concurrency: 2, timeoutMs: 2 * minute })
}

/** The parts of this toolchain that can be wrong without a word. */
function scripts(extra) {
  return nodeTests('scripts', extra, { concurrency: 2, timeoutMs: minute })
}

async function wasm(extra) {
  await buildJs()
  return nodeTests('wasm', extra, { concurrency: 2, timeoutMs: 3 * minute })
}

async function interop(extra) {
  await buildNative()
  await buildJs()
  return nodeTests('interop', extra, { concurrency: 1, timeoutMs: 5 * minute })
}

async function browser(extra) {
  await buildNative()
  await buildDemo()
  return nodeTests('browser', extra, { concurrency: 1, timeoutMs: 10 * minute })
}

/** The ratios of tests/bench/speed_budget.json. Last, when nothing else runs any more. */
async function speed(extra) {
  await buildNative()
  await cmakeBuild('release', ['growth_figures'])
  await buildJs()
  return nodeTests('bench', extra, { concurrency: 1, timeoutMs: 5 * minute })
}

export const steps = { lint, scripts, rules, unit, sim, wasm, size, interop, browser, speed }
