// The public interface of the package as one page of TypeScript, with its comments: `node js/api_report.mjs` prints it,
// `--write` keeps it as docs/api.md. A test compares the two, so a change of the interface is always seen in review.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const types = join(here, 'dist/types/js/src')
const page = join(dirname(here), 'docs/api.md')

/** [{ text, name }] of the top-level declarations of one .d.ts file, each with the comment above it. */
function declarations(path) {
  const source = readFileSync(path, 'utf8')
  const begin = /^(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?(?:export|import|interface|declare) /gm
  const starts = [...source.matchAll(begin)].map((m) => m.index)
  return starts.map((start, i) => {
    const text = source
      .slice(start, starts[i + 1])
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\s*\/\//.test(line))
      .join('\n')
      .replace(/^ *(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n *)?private .*\n/gm, '')
      .replace(/^(?: {4})+/gm, (indent) => ' '.repeat(indent.length / 2))
    const name = /^export (?:declare )?(?:class|function|interface|type|const) (\w+)/m.exec(
      text,
    )?.[1]
    return { text, name }
  })
}

/** name -> declaration of everything that `path` exports, followed through its re-exports. */
function exportsOf(path) {
  const found = new Map()
  for (const { text, name } of declarations(path)) {
    const again = /^export (?:type )?(\*|\{[\s\S]*?\}) from '(.+)'/m.exec(text)
    if (again !== null) {
      const from = exportsOf(join(dirname(path), again[2].replace(/\.js$/, '.d.ts')))
      const wanted = again[1] === '*' ? [...from.keys()] : again[1].match(/\w+/g)
      for (const one of wanted) if (from.has(one)) found.set(one, from.get(one))
    } else if (name !== undefined) found.set(name, text)
    else if (/^export \{/m.test(text)) {
      const imported = importsOf(path)
      for (const one of text.match(/\w+/g).slice(1)) {
        if (imported.has(one)) found.set(one, imported.get(one))
      }
    }
  }
  return found
}

/** name -> declaration of what a file imports from siblings. */
function importsOf(path) {
  const found = new Map()
  for (const { text } of declarations(path)) {
    const line = /^import (?:type )?(\{[\s\S]*?\}) from '(\..+)'/m.exec(text)
    if (line === null) continue
    const from = exportsOf(join(dirname(path), line[2].replace(/\.js$/, '.d.ts')))
    for (const one of line[1].match(/\w+/g)) if (from.has(one)) found.set(one, from.get(one))
  }
  return found
}

export function apiReport() {
  const all = [...exportsOf(join(types, 'index.d.ts'))].sort(([a], [b]) => (a < b ? -1 : 1))
  const body = all.map(([, text]) => text).join('\n\n')
  return `# The interface of \`frond\`

Made by \`node js/api_report.mjs --write\` from the built types; a test compares it with them.

\`\`\`ts
${body}
\`\`\`
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) writeFileSync(page, apiReport())
  else process.stdout.write(apiReport())
}
