// Running programs with something to look at: one line per step on the terminal, the program's own words in a log.
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { logs, root } from './paths.mjs'

const live = process.stdout.isTTY === true && !process.env.CI
const heartbeatMs = 15_000

/** A step that failed in a way the user can act on: its message is printed without a stack. */
export class StepError extends Error {}

export function say(text) {
  process.stdout.write(`${text}\n`)
}

export function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

/**
 * Runs a program to its end under a label. Its output goes to a log file; the terminal shows the label, the newest line
 * `progress` picks out of the output, and the time it took. Resolves with the output; rejects with a StepError that
 * carries the end of the log.
 */
export async function step(label, command, args, options = {}) {
  const log = join(logs, `${label.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.log`)
  mkdirSync(dirname(log), { recursive: true })
  const began = performance.now()
  const picks = options.progress ?? /^\[(\d+\/\d+)\]/m
  let newest = ''
  const show = (text) => {
    if (live) process.stdout.write(`\r\x1b[2K${text.slice(0, (process.stdout.columns ?? 100) - 1)}`)
  }
  show(`  ${label} …`)
  const ticker = setInterval(() => {
    if (!live) say(`  ${label} … ${newest ? `${newest}, ` : ''}${seconds(began)}`)
  }, heartbeatMs)
  const { code, output } = await capture(command, args, {
    ...options,
    log,
    onLine(line) {
      const hit = picks.exec(line)
      if (!hit) return
      newest = hit[1] ?? hit[0]
      show(`  ${label} … ${newest}`)
    },
  })
  clearInterval(ticker)
  if (live) process.stdout.write('\r\x1b[2K')
  if (code === 0) {
    say(`  ${label}: done in ${seconds(began)}`)
    return output
  }
  const tail = output
    .split('\n')
    .slice(-(options.tail ?? 40))
    .join('\n')
  throw new StepError(
    `${label} failed (${[command, ...args].join(' ')}):\n${tail}\nthe whole log: ${log}`,
  )
}

/** Runs a program and resolves with its exit code and its output (both streams, in order). Never rejects. */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const file = options.log ? createWriteStream(options.log) : undefined
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.timeoutMs !== undefined,
    })
    let output = ''
    let partial = ''
    const take = (chunk) => {
      file?.write(chunk)
      output += chunk
      if (options.passThrough) process.stdout.write(chunk)
      if (!options.onLine) return
      const lines = (partial + chunk).split('\n')
      partial = lines.pop() ?? ''
      for (const line of lines) options.onLine(line)
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    const stop = (words) => {
      take(`\n${words}\n`)
      // The program leads its own process group, so that what it started ends with it.
      process.kill(-child.pid, 'SIGKILL')
    }
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => stop(`ended after ${options.timeoutMs / 1000} s`), options.timeoutMs)
    let ended = false
    const end = (code) => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      file?.end()
      resolve({ code, output })
    }
    child.on('error', (error) => {
      take(`${error.message}\n`)
      end(127)
    })
    child.on('close', (code, signal) => end(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

/** Runs a script's main: a StepError ends it with its words and exit code 1, anything else is a bug with its stack. */
export async function main(body) {
  try {
    const code = await body()
    if (typeof code === 'number') process.exitCode = code
  } catch (error) {
    process.stderr.write(error instanceof StepError ? `\n${error.message}\n` : `\n${error.stack}\n`)
    process.exitCode = 1
  }
}

/** True when the module was started as the program and not imported. */
export function isMain(meta) {
  return (
    process.argv[1] !== undefined && pathToFileURL(realpathSync(process.argv[1])).href === meta.url
  )
}

export function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
