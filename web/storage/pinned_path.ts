/**
 * A path and what stood at it when it was pinned: answers later whether it is still the same file or
 * directory. It is kept open meanwhile, so that its number is not given to another.
 */
import { type FileHandle, open, stat } from 'node:fs/promises'

export class PinnedPath {
  private readonly path: string
  private readonly handle: FileHandle
  private readonly identity: string

  private constructor(path: string, handle: FileHandle, identity: string) {
    this.path = path
    this.handle = handle
    this.identity = identity
  }

  static async pin(path: string): Promise<PinnedPath> {
    const handle = await open(path, 'r')
    return new PinnedPath(path, handle, identityOf(await handle.stat({ bigint: true })))
  }

  /** False when nothing stands there, or something else; rejects when that cannot be found out. */
  async stands(): Promise<boolean> {
    try {
      return identityOf(await stat(this.path, { bigint: true })) === this.identity
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return false
      throw error
    }
  }

  async release(): Promise<void> {
    await this.handle.close()
  }
}

function identityOf({ dev, ino }: { dev: bigint; ino: bigint }): string {
  return `${dev}:${ino}`
}
