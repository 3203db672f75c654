/** Makes a file that cannot be made twice, in Node.js: what two processes at once must agree upon. */
import { link, open, unlink } from 'node:fs/promises'

/**
 * Makes `path` with this text, which is under its name as a whole or not at all. False when there is
 * such a file already. `beside` is a name in the same directory that nobody else uses.
 */
export async function makeOnce(path: string, beside: string, text: string): Promise<boolean> {
  try {
    await write(beside, text)
    await link(beside, path).catch(async (error) => {
      if (!isUnsupported(error)) throw error
      // Without hard links a crash just now leaves half of it.
      await write(path, text)
    })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    await unlink(beside).catch(() => undefined)
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** The file system has no such thing; some say so by EPERM or EINVAL, Windows by EACCES. */
export function isUnsupported(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (process.platform === 'win32' && code === 'EACCES') return true
  return ['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EINVAL'].includes(code)
}
