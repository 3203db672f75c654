// The fenced blocks of a Markdown page, by section, and the programs they make: the blocks of one language in a section
// are one program, as a reader would type them one after the other.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const pages = ['README.md', 'js/README.md', 'docs/guide.md', 'docs/query.md']

/** [{ page, title, lang, text }], one for each section and language. */
export function samples() {
  const found = new Map()
  for (const page of pages) {
    let title = ''
    let block
    for (const line of readFileSync(join(root, page), 'utf8').split('\n')) {
      const fence = /^```(\w*)$/.exec(line)
      if (fence !== null && block === undefined) {
        const key = `${page}\n${title}\n${fence[1]}`
        block = found.get(key) ?? { page, title, lang: fence[1], text: '' }
        found.set(key, block)
      } else if (fence !== null) block = undefined
      else if (block !== undefined) block.text += `${line}\n`
      else title = /^#+ (.*)$/.exec(line)?.[1] ?? title
    }
  }
  return [...found.values()]
}

/** The one sample of a section in a language. */
export function sampleOf(title, lang) {
  const sample = samples().find((each) => each.title === title && each.lang === lang)
  if (sample === undefined) throw new Error(`no section ${title} with ${lang}`)
  return sample.text
}
