// Builds the libFuzzer programs of tests/fuzz and runs each for a while:
// `node scripts/fuzz.mjs [name] [seconds] [--max-len=bytes]`. Inputs grow up to the length, 1 MiB unless given.
// Their corpora begin with tests/fuzz/seeds and grow in build/fuzz/corpus; a crash leaves its input in build/fuzz.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cmakeBuild } from './cmake.mjs'
import { build, root } from './paths.mjs'
import { setUp } from './setup.mjs'
import { capture, main, StepError, say } from './terminal.mjs'

main(async () => {
  const words = process.argv.slice(2).filter((word) => !word.startsWith('--max-len='))
  const longest = process.argv.find((word) => word.startsWith('--max-len='))?.slice(10) ?? '1048576'
  const duration = words.find((word) => /^\d+$/.test(word)) ?? '60'
  const only = words.find((word) => !/^\d+$/.test(word))
  await setUp({ tests: true })
  await cmakeBuild('fuzz', ['tests/all'])
  const folder = join(build, 'fuzz/tests/fuzz')
  const built = existsSync(folder) ? readdirSync(folder) : []
  const programs = built.filter(
    (name) => name.startsWith('fuzz_') && (!only || name.includes(only)),
  )
  if (programs.length === 0)
    throw new StepError(`no fuzz program${only ? ` is called ${only}` : ''} in ${folder}`)
  let failed = 0
  for (const name of programs) {
    const corpus = join(build, 'fuzz/corpus', name)
    mkdirSync(corpus, { recursive: true })
    const options = [
      `-max_total_time=${duration}`,
      `-max_len=${longest}`,
      `-artifact_prefix=${join(build, 'fuzz')}/${name}-`,
      corpus,
      join(root, 'tests/fuzz/seeds', name.slice('fuzz_'.length)),
    ]
    say(`${name}, ${duration} s`)
    const { code, output } = await capture(join(folder, name), options)
    if (code !== 0) failed++
    say(
      code === 0
        ? `  ${output.trim().split('\n').at(-1)}`
        : output.split('\n').slice(-60).join('\n'),
    )
  }
  say(`${programs.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
})
