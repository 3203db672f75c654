// clang-tidy over core and the native host, by the compile commands of the dev preset. Slow; not part of `npm test`.
// `node scripts/tidy.mjs [path…]` looks only at files whose path starts with one of these.
import { cmakeBuild } from './cmake.mjs'
import { sources } from './lint.mjs'
import { installPackages } from './setup/apt.mjs'
import { toTidy } from './setup/packages.mjs'
import { setUp } from './setup.mjs'
import { capture, main, say, seconds } from './terminal.mjs'

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
  for (const file of files) {
    const began = performance.now()
    const { code, output } = await capture('clang-tidy-19', ['-p', 'build/dev', '--quiet', file])
    const findings = output
      .split('\n')
      .filter((line) => !/^\d+ warnings? /.test(line))
      .join('\n')
      .trim()
    say(`  ${file}: ${code === 0 ? 'clean' : 'findings'} in ${seconds(began)}`)
    if (code !== 0) {
      bad++
      say(findings)
    }
  }
  say(`${files.length - bad} passed, ${bad} failed`)
  return bad === 0 ? 0 : 1
})
