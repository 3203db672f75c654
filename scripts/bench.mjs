// Builds and runs the benchmarks of tests/bench: `node scripts/bench.mjs [name…]`. Native ones are Google Benchmark
// programs (bench_*), the others Node.js scripts (*.bench.mjs); each prints its own figures.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildDemo, buildNative } from './build.mjs'
import { cmakeBuild } from './cmake.mjs'
import { build, root } from './paths.mjs'
import { setUp } from './setup.mjs'
import { capture, main, StepError, say } from './terminal.mjs'

function named(folder, pattern, wanted) {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter(
      (name) =>
        pattern.test(name) && (wanted.length === 0 || wanted.some((word) => name.includes(word))),
    )
    .sort()
    .map((name) => join(folder, name))
}

main(async () => {
  const wanted = process.argv.slice(2)
  await setUp({ tests: true })
  await buildNative()
  await buildDemo()
  const scripts = named(join(root, 'tests/bench'), /\.bench\.mjs$/, wanted)
  const native = existsSync(join(root, 'tests/bench/CMakeLists.txt'))
  if (native) await cmakeBuild('release', ['bench'])
  const programs = native ? named(join(build, 'release/tests/bench'), /^bench_\w+$/, wanted) : []
  if (scripts.length + programs.length === 0)
    throw new StepError(`no benchmark matches ${wanted.join(' ') || 'at all'}`)
  let failed = 0
  for (const path of [...programs, ...scripts]) {
    say(`\n${path.slice(root.length + 1)}`)
    const command = path.endsWith('.mjs') ? [process.execPath, path] : [path]
    const { code } = await capture(command[0], command.slice(1), { passThrough: true })
    if (code !== 0) failed++
  }
  return failed === 0 ? 0 : 1
})
