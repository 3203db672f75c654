// Configuring and building CMake presets. ninja decides what is stale. A preset is configured by us once, and anew when
// setup has installed something since: what a configuration did not find then may be there now.
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, tools } from './paths.mjs'
import { readText, step } from './terminal.mjs'

/** What setup has done so far. */
function installed() {
  return ['setup-build.stamp', 'setup-test.stamp']
    .map((name) => statSync(join(tools, name), { throwIfNoEntry: false })?.mtimeMs ?? 0)
    .join(' ')
}

async function configure(preset) {
  const stamp = join(build, preset, 'configured.stamp')
  if (existsSync(join(build, preset, 'build.ninja')) && readText(stamp) === installed()) return
  await step(`cmake ${preset}`, 'cmake', ['--preset', preset])
  writeFileSync(stamp, installed())
}

/** Builds targets of a preset (all of the preset's when none is named). */
export async function cmakeBuild(preset, targets = []) {
  await configure(preset)
  const label = `build ${preset}${targets.length > 0 ? `: ${targets.join(' ')}` : ''}`
  const chosen = targets.length > 0 ? ['--target', ...targets] : []
  await step(label, 'cmake', ['--build', '--preset', preset, ...chosen], { tail: 80 })
}
