/** Steps on an Emscripten mount that more than one backend takes. */
import type { FileSystem } from '../engine-worker/wasm_module.js'
import type { FileOperation } from './storage.js'

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** The directories above `path` and below `root`, outermost first. */
export function directoriesAbove(root: string, path: string): string[] {
  const found: string[] = []
  for (let at = parentOf(path); at.length > root.length; at = parentOf(at)) found.unshift(at)
  return found
}

export function exists(fs: FileSystem, path: string): boolean {
  return fs.analyzePath(path).exists
}

/** All files below `directory` with their sizes, as absolute paths. */
export function* files(fs: FileSystem, directory: string): Generator<[string, number]> {
  for (const name of fs.readdir(directory)) {
    if (name === '.' || name === '..') continue
    const path = `${directory}/${name}`
    const info = fs.stat(path)
    if (fs.isDir(info.mode)) yield* files(fs, path)
    else yield [path, info.size]
  }
}

/**
 * Puts one stored operation on an in-memory mount. A written file takes over `contents`, exactly as
 * long as it is: MEMFS would double a growing file's capacity and cost twice the memory.
 */
export function apply(fs: FileSystem, root: string, operation: FileOperation, time: number): void {
  const path = `${root}/${operation.path}`
  if (operation.type === 'remove') {
    if (exists(fs, path)) fs.unlink(path)
    return
  }
  if (operation.type === 'append') throw new Error('an in-memory mount stores whole files')
  fs.mkdirTree(parentOf(path))
  fs.writeFile(path, operation.contents, { canOwn: true })
  fs.utime(path, time, time)
}

/** The name of a node as one path component: a mount point, and IDBFS's database. */
export function mountPoint(node: string): string {
  return `/frond-${encodeURIComponent(node)}`
}
