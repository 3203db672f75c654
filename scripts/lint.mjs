// Formatting and lint, `--fix` to mend: clang-format 19 on C++, biome on TypeScript, JavaScript, JSON and CSS.

import { setUp } from './setup.mjs'
import { capture, isMain, main, StepError, say } from './terminal.mjs'

async function tracked(...patterns) {
  // Files not yet added count too: they are about to be committed.
  const { code, output } = await capture('git', [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    ...patterns,
  ])
  if (code !== 0) throw new StepError(output)
  return output.split('\0').filter(Boolean)
}

/** C++ of ours: core, hosts and tests. */
export function sources() {
  const folders = ['core', 'server', 'wasm', 'tests']
  return tracked(...folders.flatMap((folder) => [`${folder}/*.h`, `${folder}/*.cc`]))
}

async function clangFormat(...options) {
  const files = await sources()
  return capture('clang-format-19', [...options, ...files])
}

async function report(name, { code, output }) {
  if (code !== 0)
    say(
      `${output.split('\n').slice(0, 200).join('\n')}\n${name} has something to say; \`npm run format\` mends what can be mended`,
    )
  else say(`  ${name}: clean`)
  return code === 0
}

export const lintTools = [
  {
    check: async () =>
      report('clang-format', await clangFormat('--dry-run', '-Werror', '--ferror-limit=5')),
    fix: () => clangFormat('-i'),
  },
  {
    check: async () =>
      report(
        'biome',
        await capture('node_modules/.bin/biome', [
          'check',
          '--error-on-warnings',
          '--colors=off',
          '.',
        ]),
      ),
    fix: () => capture('node_modules/.bin/biome', ['check', '--write', '.']),
  },
]

if (isMain(import.meta)) {
  main(async () => {
    await setUp({ tests: true })
    if (process.argv.includes('--fix')) for (const tool of lintTools) await tool.fix()
    let clean = true
    for (const tool of lintTools) clean = (await tool.check()) && clean
    return clean ? 0 : 1
  })
}
