/**
 * The node's files in a directory, in Node.js. The engine reads through a NODEFS mount; commits are
 * written here with node:fs, each file synced before the next step: a replaced file is written
 * beside and renamed, an append goes to the end of the file and is cut off again when it fails.
 */
import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { StorageStatus } from '../engine-worker/messages.js'
import type { FileSystem } from '../engine-worker/wasm_module.js'
import { commitMillisMax } from '../limits.js'
import { DirectoryLock } from './directory_lock.js'
import { files, mountPoint } from './mount.js'
import { PinnedPath } from './pinned_path.js'
import {
  type FileOperation,
  NodeInUseError,
  type StorageBackend,
  StorageError,
  Tenure,
  within,
} from './storage.js'

const dataDirectory = 'data'

export class DirectoryStorage implements StorageBackend {
  readonly appends = true
  readonly persistent = true
  readonly tenure = new Tenure()
  private readonly data: string
  private readonly root: string
  private fs: FileSystem | undefined
  /** Directories known to exist and to be synced. */
  private readonly made = new Set<string>()
  /** Set when a commit has timed out: its steps may still be running, so no other may start. */
  private stuck: Promise<unknown> | undefined
  private readonly lock: DirectoryLock
  /** The directory of the data, as it was when it was opened. */
  private readonly pinned: PinnedPath
  private readonly created: boolean

  private constructor(
    node: string,
    data: string,
    lock: DirectoryLock,
    pinned: PinnedPath,
    created: boolean,
  ) {
    this.data = data
    this.root = mountPoint(node)
    this.lock = lock
    this.pinned = pinned
    this.created = created
  }

  /** Makes the directory and takes its lock; rejects with NodeInUseError when another holds it. */
  static async open(node: string, directory: string): Promise<DirectoryStorage> {
    const data = join(resolve(directory), dataDirectory)
    try {
      await mkdir(dirname(data), { recursive: true })
      const lock = await DirectoryLock.take(dirname(data))
      try {
        const made = await mkdir(data, { recursive: true })
        const pinned = await PinnedPath.pin(data)
        return new DirectoryStorage(node, data, lock, pinned, made !== undefined)
      } catch (error) {
        await lock.release()
        throw error
      }
    } catch (error) {
      if (error instanceof NodeInUseError || error instanceof StorageError) throw error
      throw new StorageError(`open: ${textOf(error)}`)
    }
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
      if (error instanceof StorageError || error === this.tenure.lost) throw error
      throw new StorageError(`commit: ${textOf(error)}`)
    }
  }

  async check(): Promise<void> {
    if (this.tenure.lost !== undefined) return
    const [lost, standing] = await Promise.all([this.lock.lost(), this.pinned.stands()])
    if (lost !== undefined) this.tenure.end(lost)
    else if (!standing) {
      this.tenure.end(
        new StorageError(`${this.data} was removed or replaced while the node was open`),
      )
    }
  }

  async status(): Promise<StorageStatus> {
    let bytes = 0
    if (this.fs !== undefined && this.tenure.lost === undefined) {
      for (const [, size] of files(this.fs, this.root)) bytes += size
    }
    const status: StorageStatus = { kind: 'directory', persistent: true, bytes }
    if (this.created) status.created = true
    return status
  }

  async close(): Promise<void> {
    this.fs = undefined
    await this.stuck
    await this.pinned.release()
    await this.lock.release()
  }

  /** What is written goes into this owner's directory and no other, or the commit fails. */
  private async run(operations: readonly FileOperation[]): Promise<void> {
    await this.demandTenure()
    await this.write(operations)
    await this.demandTenure()
  }

  private async demandTenure(): Promise<void> {
    await this.check()
    if (this.tenure.lost !== undefined) throw this.tenure.lost
  }

  private async write(operations: readonly FileOperation[]): Promise<void> {
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
    try {
      const file = await open(beside, 'w')
      try {
        await writeAll(file, contents, 0)
        await file.datasync()
      } finally {
        await file.close()
      }
      await rename(beside, path)
    } catch (error) {
      // On a full disk it would take what little room there is.
      await unlink(beside).catch(() => undefined)
      throw error
    }
    await syncDirectory(dirname(path))
  }

  private async append(path: string, offset: number, contents: Uint8Array): Promise<void> {
    await this.makeDirectory(dirname(path))
    const file = await openForAppend(path)
    try {
      const { size } = await file.handle.stat()
      if (size < offset) throw new Error(`${path} ends at ${size}, before ${offset}`)
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

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
