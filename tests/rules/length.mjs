// How long files and functions are. Functions are found by indentation, which clang-format and biome keep true.
import { files, read } from './tree.mjs'

export const linesMax = 600
export const linesUsual = 300
export const functionLinesMax = 70

const measured =
  /^(core|server|wasm|web|js|demo|tests|scripts|cmake)\/(?!.*\bdist\/).*(\.(h|cc|ts|tsx|mjs|css|cmake)|CMakeLists\.txt)$/

/** Lines of every source file, by path. */
export function lineCounts() {
  return Object.fromEntries(
    files(measured).map((path) => [path, read(path).trimEnd().split('\n').length]),
  )
}

export function lineCountsOver(limit) {
  return Object.fromEntries(Object.entries(lineCounts()).filter(([, count]) => count > limit))
}

const noFunction =
  /^\s*(\}|namespace\b|class\b|struct\b|union\b|enum\b|extern\b|if\b|for\b|while\b|switch\b|do\b|else\b|case\b|default\b|export default \{|TEST_CASE|SECTION|TEMPLATE_TEST_CASE|(test|it|describe|suite|main)\()/

function indentation(line) {
  return line.length - line.trimStart().length
}

/** [{ line, length, head }] of the functions longer than functionLinesMax. */
export function longFunctions(text) {
  const lines = text.split('\n')
  const found = []
  for (let end = 0; end < lines.length; end++) {
    if (!/^\s*\}[;,)]*\s*(\/\/.*)?$/.test(lines[end])) continue
    const start = headOf(lines, end)
    const length = end - start + 1
    if (start < 0 || length <= functionLinesMax) continue
    const head = lines[start].trim()
    // A function has its parentheses in the head; a table or an object has none before its brace.
    if (!noFunction.test(lines[start]) && head.includes('('))
      found.push({ line: start + 1, length, head })
  }
  return found
}

/** The line that opens the block which `end` closes: the nearest one above that is not indented deeper. */
function headOf(lines, end) {
  const indent = indentation(lines[end])
  for (let at = end - 1; at >= 0; at--) {
    const line = lines[at]
    if (line.trim() === '' || line.startsWith('#') || /^\s*(public|private|protected):/.test(line))
      continue
    // `) {` and `): T {` close a wrapped parameter list of the head itself.
    if (indentation(line) <= indent && !/^\s*\)/.test(line)) return at
  }
  return -1
}
