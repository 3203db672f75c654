// Configuring and building CMake presets. ninja decides what is stale; a preset is configured once and by ninja after.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './paths.mjs'
import { step } from './terminal.mjs'

/** Builds targets of a preset (all of the preset's when none is named). */
export async function cmakeBuild(preset, targets = []) {
  if (!existsSync(join(build, preset, 'build.ninja'))) {
    await step(`cmake ${preset}`, 'cmake', ['--preset', preset])
  }
  const label = `build ${preset}${targets.length > 0 ? `: ${targets.join(' ')}` : ''}`
  const chosen = targets.length > 0 ? ['--target', ...targets] : []
  await step(label, 'cmake', ['--build', '--preset', preset, ...chosen], { tail: 80 })
}
