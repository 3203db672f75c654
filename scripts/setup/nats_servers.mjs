// Stock nats-servers to test against: the Debian packages of two suites, unpacked side by side. A suite may have moved
// on since; what it has now is taken, and .tools/nats-servers.json says what that was.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { natsServersFile, tools } from '../paths.mjs'
import { capture, readText, StepError, say } from '../terminal.mjs'
import { privateApt } from './apt.mjs'

/** Known good on 2026-11: 2.15.1 in sid, 2.10.27 in trixie. */
const suites = ['sid', 'trixie']

/** [{ version, suite, path }], newest suite first; empty when setup has not unpacked them. */
export function natsServers() {
  const rows = JSON.parse(readText(natsServersFile) ?? '[]')
  return rows
    .map((row) => ({ ...row, path: join(tools, row.path) }))
    .filter((row) => existsSync(row.path))
}

export async function setUpNatsServers() {
  if (natsServers().length === suites.length) return
  const apt = await privateApt(suites)
  const rows = []
  for (const suite of suites) {
    const fresh = join(tools, 'nats-server-fresh')
    rmSync(fresh, { recursive: true, force: true })
    await apt.unpack(`nats-server of ${suite}`, [`nats-server/${suite}`], fresh)
    const { output } = await capture(join(fresh, 'usr/sbin/nats-server'), ['--version'])
    const version = /v?(\d+\.\d+\.\d+\S*)/.exec(output)?.[1]
    if (!version) throw new StepError(`nats-server of ${suite} does not run here:\n${output}`)
    const folder = `nats-server-${version}`
    rmSync(join(tools, folder), { recursive: true, force: true })
    renameSync(fresh, join(tools, folder))
    rows.push({ version, suite, path: join(folder, 'usr/sbin/nats-server') })
    say(`  nats-server ${version} (${suite})`)
  }
  mkdirSync(tools, { recursive: true })
  writeFileSync(natsServersFile, `${JSON.stringify(rows, null, 2)}\n`)
}
