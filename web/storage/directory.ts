/**
 * The node's files in a directory, in Node.js. The engine reads through a NODEFS mount; commits are
 * written here with node:fs, each file synced before the next step: a replaced file is written
 * beside and renamed, an append goes to the end of the file and is cut off again when it fails.
 */
import { type FileHandle, mkdir, open, readFile, rename, rm, unlink } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { StorageStatus } from '../engine-worker/messages.js'
import type { FileSystem } from '../engine-worker/wasm_module.js'
import { commitMillisMax } from '../limits.js'
import { files, mountPoint } from './mount.js'
import {
  type FileOperation,
  NodeInUseError,
  type StorageBackend,
  StorageError,
  within,
} from './storage.js'

const lockFile = 'lock'
const dataDirectory = 'data'

export class DirectoryStorage implements StorageBackend {
  readonly appends = true
  readonly persistent = true
  private readonly directory: string
  private readonly data: string
  private readonly root: string
  private fs: FileSystem | undefined
  /** Directories known to exist and to be synced. */
  private readonly made = new Set<string>()
  /** Set when a commit has timed out: its steps may still be running, so no other may start. */
  private stuck: Promise<unknown> | undefined

  private constructor(node: string, directory: string) {
    this.directory = directory
    this.data = join(directory, dataDirectory)
    this.root = mountPoint(node)
  }

  /** Makes the directory and takes its lock; rejects with NodeInUseError when another holds it. */
  static async open(node: string, directory: string): Promise<DirectoryStorage> {
    const storage = new DirectoryStorage(node, resolve(directory))
    try {
      await mkdir(storage.data, { recursive: true })
    } catch (error) {
      throw new StorageError(`open: ${textOf(error)}`)
    }
    await takeLock(storage.directory)
    return storage
  }

  async mount(fs: FileSystem): Promise<string> {
    fs.mkdirTree(this.root)
    fs.mount(fs.filesystems.NODEFS, { root: this.data }, this.root)
    this.fs = fs
    return this.root
  }

  async commit(operations: readonly FileOperation[]): Promise<void> {
    if (this.stuck !== undefined) throw new StorageError('an earlier commit has not ended')
    const work = this.run(operations)
    try {
      await within(commitMillisMax, work, () => {
        this.stuck = work
          .catch(() => undefined)
          .then(() => {
            this.stuck = undefined
          })
        return new StorageError(`the disk did not finish within ${commitMillisMax} ms`)
      })
    } catch (error) {
      throw error instanceof StorageError ? error : new StorageError(`commit: ${textOf(error)}`)
    }
  }

  async status(): Promise<StorageStatus> {
    let bytes = 0
    if (this.fs !== undefined) for (const [, size] of files(this.fs, this.root)) bytes += size
    return { kind: 'directory', persistent: true, bytes }
  }

  async close(): Promise<void> {
    this.fs = undefined
    await this.stuck
    await releaseLock(this.directory)
  }

  private async run(operations: readonly FileOperation[]): Promise<void> {
    for (const operation of operations) {
      const path = this.pathOf(operation.path)
      if (operation.type === 'write') await this.replace(path, operation.contents)
      else if (operation.type === 'append') {
        await this.append(path, operation.offset, operation.contents)
      } else await this.remove(path)
    }
  }

  private pathOf(relative: string): string {
    const path = join(this.data, relative)
    if (!path.startsWith(this.data + sep)) throw new StorageError(`${relative}: outside the store`)
    return path
  }

  private async replace(path: string, contents: Uint8Array): Promise<void> {
    await this.makeDirectory(dirname(path))
    const beside = `${path}.tmp`
    const file = await open(beside, 'w')
    try {
      await writeAll(file, contents, 0)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
    await syncDirectory(dirname(path))
  }

  private async append(path: string, offset: number, contents: Uint8Array): Promise<void> {
    await this.makeDirectory(dirname(path))
    const file = await openForAppend(path)
    try {
      if (file.created) await syncDirectory(dirname(path))
      try {
        await writeAll(file.handle, contents, offset)
        await file.handle.truncate(offset + contents.length)
        await file.handle.datasync()
      } catch (error) {
        await file.handle.truncate(offset).catch(() => undefined)
        throw error
      }
    } finally {
      await file.handle.close()
    }
  }

  private async remove(path: string): Promise<void> {
    try {
      await unlink(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      return
    }
    await syncDirectory(dirname(path))
  }

  private async makeDirectory(directory: string): Promise<void> {
    if (this.made.has(directory)) return
    const first = await mkdir(directory, { recursive: true })
    for (let at = directory; first !== undefined && at.length >= first.length; at = dirname(at)) {
      await syncDirectory(dirname(at))
    }
    this.made.add(directory)
  }
}

async function openForAppend(path: string): Promise<{ handle: FileHandle; created: boolean }> {
  try {
    return { handle: await open(path, 'r+'), created: false }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    return { handle: await open(path, 'wx+'), created: true }
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done)
    done += bytesWritten
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Windows cannot sync a directory and does not need it.
    if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'EISDIR') throw error
  } finally {
    await handle.close()
  }
}

/** Directories that this process holds: its own id in a lock file does not say which node it was. */
const held = new Set<string>()

async function takeLock(directory: string): Promise<void> {
  const path = join(directory, lockFile)
  if (held.has(directory)) throw new NodeInUseError(`${directory} is open in this process`)
  for (let attempt = 0; attempt < 2; ++attempt) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(`${process.pid}\n`)
      await file.close()
      held.add(directory)
      return
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw new StorageError(`lock: ${textOf(error)}`)
    }
    const owner = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10)
    if (owner !== process.pid && isAlive(owner)) {
      throw new NodeInUseError(`${directory} is open in process ${owner}`)
    }
    await rm(path, { force: true })
  }
  throw new NodeInUseError(`${directory} is being opened by another process`)
}

async function releaseLock(directory: string): Promise<void> {
  if (held.delete(directory)) await rm(join(directory, lockFile), { force: true })
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
