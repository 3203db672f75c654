// Writes long_files.json: the files over 300 lines, each with its length today.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/paths.mjs'
import { lineCountsOver, linesUsual } from './length.mjs'

const list = join(root, 'tests/rules/long_files.json')
writeFileSync(list, `${JSON.stringify(lineCountsOver(linesUsual), null, 2)}\n`)
