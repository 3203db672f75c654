// A fresh Wasm instance without an engine in it: its file system is what a storage backend mounts on.
import { readFileSync } from 'node:fs'
import { createModule, WasmNode } from 'frond/internal'

const wasm = new URL('./dist/frond.wasm', import.meta.resolve('frond/package.json'))
const source = { create: createModule, module: new WebAssembly.Module(readFileSync(wasm)) }
const nothing = () => undefined
const outputs = {
  send: nothing,
  close: nothing,
  dial: nothing,
  hold: nothing,
  commit: nothing,
  notice: nothing,
}

export async function newFileSystem() {
  const node = await WasmNode.instantiate(source, outputs, undefined, (cause) => {
    throw new Error(cause)
  })
  return node.fs
}

/** { path below root: text } of all files that the mount shows. */
export function contents(fs, root) {
  const found = {}
  const walk = (directory) => {
    for (const name of fs.readdir(directory)) {
      if (name === '.' || name === '..') continue
      const path = `${directory}/${name}`
      if (fs.isDir(fs.stat(path).mode)) walk(path)
      else found[path.slice(root.length + 1)] = new TextDecoder().decode(fs.readFile(path))
    }
  }
  walk(root)
  return found
}

export function write(path, text) {
  return { type: 'write', path, contents: new TextEncoder().encode(text) }
}

export function append(path, offset, text) {
  return { type: 'append', path, offset, contents: new TextEncoder().encode(text) }
}

export function remove(path) {
  return { type: 'remove', path }
}
