/**
 * One owner for a directory, in Node.js, which gives no access to the system's locks. What the system
 * vouches for as well is a listening socket: it takes connections for as long as its process lives,
 * stopped or busy, in whatever container, and refuses them from its death on. So an owner listens on
 * a socket in the directory, and claims the directory by a file that names it: owner.1, owner.2, …
 * No such file can be made twice, which is what decides a race. The highest one counts; it is never
 * removed, only followed by the next when its socket refuses. The owner looks at its file before and
 * after each commit, and has lost the directory when it is not there any more.
 */
import { open, readdir, readFile, readlink, statfs, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isUnsupported, makeOnce } from './make_once.js'
import { PinnedPath } from './pinned_path.js'
import { NodeInUseError, ownerToken, StorageError } from './storage.js'

const claimForm = /^owner\.([1-9][0-9]{0,14})$/
/** A claim that is lost to another one is followed by finding that one alive, so few are needed. */
const claimsMax = 100
/** What systems take as the path of a socket. */
const socketPathBytesMax = 103
/** Linux's numbers of file systems whose files are one machine's: ext, XFS, Btrfs, tmpfs, overlay, … */
const localFileSystems = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0xf2f52010, 0x2fc12fc1, 0xca451a4e,
  0x858458f6, 0x4d44, 0x2011bab0, 0x7366746e,
])

interface Claim {
  token: string
  /** The running system in which the socket, or the process, can be seen. */
  machine: string
  pid: number
  /** Where there are no sockets in directories: the space in which the pid counts. */
  pids?: string
}

export class DirectoryLock {
  private readonly directory: string
  private readonly number: number
  private readonly file: PinnedPath
  private readonly socket: ClaimSocket | undefined

  private constructor(
    directory: string,
    number: number,
    file: PinnedPath,
    socket: ClaimSocket | undefined,
  ) {
    this.directory = directory
    this.number = number
    this.file = file
    this.socket = socket
  }

  /** Rejects with NodeInUseError when another holds the directory, in this process or elsewhere. */
  static async take(directory: string): Promise<DirectoryLock> {
    const claim: Claim = { token: ownerToken(), machine: await machine(), pid: process.pid }
    const socket = await ClaimSocket.listen(directory, claim.token)
    if (socket === undefined) claim.pids = await pidSpace()
    try {
      for (let attempt = 0; attempt < claimsMax; ++attempt) {
        const last = Math.max(0, ...(await claims(directory)))
        if (last > 0) await demandDead(directory, last, claim)
        const number = last + 1
        if (!(await makeClaim(directory, number, claim))) continue
        const found = await claims(directory)
        if (Math.max(...found) === number) {
          await removeOlder(directory, found, number)
          const file = await PinnedPath.pin(claimPath(directory, number))
          return new DirectoryLock(directory, number, file, socket)
        }
        await unlink(claimPath(directory, number))
      }
      throw new NodeInUseError(`${directory} is being opened by many at once`)
    } catch (error) {
      await socket?.close()
      throw error
    }
  }

  /** Answers why the directory is not this owner's any more, if so. */
  async lost(): Promise<Error | undefined> {
    if (await this.file.stands()) return undefined
    const found = await claims(this.directory).catch(() => [])
    return found.some((number) => number > this.number)
      ? new NodeInUseError(`${this.directory} was opened elsewhere, which has taken it from here`)
      : new StorageError(`${this.directory} was removed or replaced while the node was open`)
  }

  async release(): Promise<void> {
    await this.file.release()
    await this.socket?.close()
  }
}

/** A socket below the directory that shows that its process lives. */
class ClaimSocket {
  private readonly server: Server
  private readonly path: SocketPath

  private constructor(server: Server, path: SocketPath) {
    this.server = server
    this.path = path
  }

  /** Nothing where a directory can hold no sockets. */
  static async listen(directory: string, token: string): Promise<ClaimSocket | undefined> {
    const path = await SocketPath.of(directory, token)
    const server = createServer((socket) => socket.destroy())
    server.unref()
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        // Another user's process must be able to see that this one lives; and it is this one that
        // lives, not the primary of its cluster.
        const seen = { exclusive: true, readableAll: true, writableAll: true }
        server.listen({ path: path.short, ...seen }, resolve)
      })
    } catch (error) {
      await path.release()
      if (isUnsupported(error)) return undefined
      throw error
    }
    return new ClaimSocket(server, path)
  }

  /** Whether someone listens on the socket that this token names. */
  static async answers(directory: string, token: string): Promise<boolean> {
    const path = await SocketPath.of(directory, token)
    try {
      return await new Promise<boolean>((resolve, reject) => {
        const socket = connect(path.short, () => {
          socket.destroy()
          resolve(true)
        })
        socket.once('error', (error) => {
          const code = codeOf(error)
          if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(false)
          // Its queue is full.
          else if (code === 'EAGAIN') resolve(true)
          else reject(error)
        })
      })
    } finally {
      await path.release()
    }
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve))
    await this.path.release()
  }
}

/** A socket's path as the system takes it: Linux gives a short name to a directory that is open. */
class SocketPath {
  readonly short: string
  readonly release: () => Promise<void>

  private constructor(short: string, release: () => Promise<void>) {
    this.short = short
    this.release = release
  }

  static async of(directory: string, token: string): Promise<SocketPath> {
    const path = socketPath(directory, token)
    if (Buffer.byteLength(path) <= socketPathBytesMax) {
      return new SocketPath(path, async () => undefined)
    }
    if (process.platform !== 'linux') throw new StorageError(`lock: ${path} is too long`)
    const handle = await open(directory, 'r')
    return new SocketPath(socketPath(`/proc/self/fd/${handle.fd}`, token), () => handle.close())
  }
}

function socketPath(directory: string, token: string): string {
  return join(directory, `${token}.sock`)
}

function claimPath(directory: string, number: number): string {
  return join(directory, `owner.${number}`)
}

/** The numbers of all claims. */
async function claims(directory: string): Promise<number[]> {
  const names = await readdir(directory)
  return names.flatMap((name) => (claimForm.test(name) ? [Number(name.slice(6))] : []))
}

/** False when that number is taken already. */
function makeClaim(directory: string, number: number, claim: Claim): Promise<boolean> {
  const beside = join(directory, `${claim.token}.claim`)
  return makeOnce(claimPath(directory, number), beside, `${JSON.stringify(claim)}\n`)
}

/** Throws NodeInUseError unless the owner behind this claim is certainly no more. */
async function demandDead(directory: string, number: number, mine: Claim): Promise<void> {
  const path = claimPath(directory, number)
  let claim: Partial<Claim>
  try {
    claim = JSON.parse(await readFile(path, 'utf8')) as Partial<Claim>
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return // Followed by another, which the next round finds.
    if (codeOf(error) !== undefined) throw error
    claim = {}
  }
  const { token, pid } = claim
  const unsure = `if it is not, remove ${path}`
  if (typeof token !== 'string' || !/^[0-9a-f]+$/.test(token) || typeof pid !== 'number') {
    throw new NodeInUseError(`${directory} may be open in another process; ${unsure}`)
  }
  const inUse = new NodeInUseError(`${directory} is open in process ${pid}`)
  if (claim.pids === undefined && (await ClaimSocket.answers(directory, token))) throw inUse
  if (claim.machine !== mine.machine) {
    // This machine before it was started anew, or another one, whose sockets are not seen from here.
    if (await isLocal(directory)) return
    throw new NodeInUseError(`${directory} may be open on another machine; ${unsure}`)
  }
  if (claim.pids === undefined) return
  if (claim.pids !== (await pidSpace())) {
    throw new NodeInUseError(`${directory} may be open in another container; ${unsure}`)
  }
  if (isAlive(pid)) throw inUse
}

async function removeOlder(directory: string, found: number[], number: number): Promise<void> {
  const ignore = (): undefined => undefined
  for (const older of found.filter((one) => one < number)) {
    const path = claimPath(directory, older)
    const text = await readFile(path, 'utf8').catch(ignore)
    const token = text?.match(/"token":"([0-9a-f]+)"/)?.[1]
    await unlink(path).catch(ignore)
    if (token !== undefined) await unlink(socketPath(directory, token)).catch(ignore)
  }
}

async function machine(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return boot.trim() || hostname()
}

async function pidSpace(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => '')
}

/** Whether no other machine can have files of this directory open. */
async function isLocal(directory: string): Promise<boolean> {
  return process.platform === 'linux' && localFileSystems.has((await statfs(directory)).type)
}

function isAlive(pid: number): boolean {
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
