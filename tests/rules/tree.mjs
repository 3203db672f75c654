// The files the rules look at: those git tracks or is about to (not ignored), with their text.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/paths.mjs'

const all = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)))
  .sort()

/** Paths (relative to the clone) that match. */
export function files(pattern) {
  return all.filter((path) => pattern.test(path))
}

export function read(path) {
  return readFileSync(join(root, path), 'utf8')
}

/** C++ with comments and the contents of strings blanked out; lines and columns stay where they were. */
export function withoutCommentsAndStrings(text) {
  const blank = (piece) => piece.replace(/[^\n]/g, ' ')
  const pattern =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"([^(\s]*)\([\s\S]*?\)\1"|"(?:\\[\s\S]|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\[\s\S]|[^'\\\n])+'/g
  // An #include's path is no string to blank.
  return text.replace(pattern, (piece, _delimiter, at) =>
    piece.startsWith('"') && /#\s*include\s*$/.test(text.slice(Math.max(0, at - 20), at))
      ? piece
      : blank(piece),
  )
}

/** `path:line: text` of every line of `text` that matches. */
export function hits(path, text, pattern) {
  return text
    .split('\n')
    .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []))
}

/** The layers of core/layers.txt, as a map from a layer to the layers it may include, and the faults of the file. */
export function readLayers(text) {
  const layers = new Map()
  const faults = []
  for (const line of text.split('\n').map((each) => each.replace(/#.*/, '').trim())) {
    if (line === '') continue
    const [, name, rest] = /^([a-z_]+):\s*([a-z_\s]*)$/.exec(line) ?? []
    if (name === undefined) {
      faults.push(`cannot read: ${line}`)
      continue
    }
    const dependencies = rest.split(/\s+/).filter(Boolean)
    for (const each of dependencies)
      if (!layers.has(each)) faults.push(`${name} names ${each}, which is not above it`)
    layers.set(name, dependencies)
  }
  return { layers, faults }
}
