// clang-tidy over core and the native host, by the compile commands of the dev preset. Slow; not part of `npm test`.
// `node scripts/tidy.mjs [path…]` looks only at files whose path starts with one of these.
import { availableParallelism } from 'node:os'
import { cmakeBuild } from './cmake.mjs'
import { sources } from './lint.mjs'
import { installPackages } from './setup/apt.mjs'
import { toTidy } from './setup/packages.mjs'
import { setUp } from './setup.mjs'
import { capture, main, say, seconds } from './terminal.mjs'

// The compile commands may be g++'s, whose warning names clang does not all know.
const options = ['-p', 'build/dev', '--quiet', '--extra-arg=-Wno-unknown-warning-option']

async function tidy(file) {
  const began = performance.now()
  const { code, output } = await capture('clang-tidy-19', [...options, file])
  const noise = /^\d+ warnings? |^Suppressed |^Use -header-filter/
  say(`  ${file}: ${code === 0 ? 'clean' : 'findings'} in ${seconds(began)}`)
  if (code !== 0)
    say(
      output
        .split('\n')
        .filter((line) => !noise.test(line))
        .join('\n')
        .trim(),
    )
  return code === 0
}

main(async () => {
  await setUp({ tests: true })
  await installPackages(toTidy)
  await cmakeBuild('dev', ['help'])
  const wanted = process.argv.slice(2)
  const files = (await sources()).filter(
    (path) =>
      /^(core|server)\/.*\.cc$/.test(path) &&
      (wanted.length === 0 || wanted.some((start) => path.startsWith(start))),
  )
  let bad = 0
  const queue = [...files]
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift())
      if (!(await tidy(file))) bad++
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  say(`${files.length - bad} passed, ${bad} failed`)
  return bad === 0 ? 0 : 1
})
