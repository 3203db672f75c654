// Debian's packages: those of the machine by apt where it may, and single packages of other suites by a private apt
// whose lists and cache live in .tools. The machine's own sources are read, never changed.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tools } from '../paths.mjs'
import { capture, StepError, say, step } from '../terminal.mjs'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Those of `packages` that dpkg does not list as installed. */
async function missing(packages) {
  const { code, output } = await capture('dpkg-query', [
    '-W',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in.
    '-f=${Package} ${db:Status-Status}\\n',
    ...packages,
  ])
  if (code === 127) {
    throw new StepError(
      'This is no Debian (dpkg-query is not here). Needed are the programs behind these Debian packages:\n' +
        `  ${packages.join(' ')}`,
    )
  }
  const installed = new Set(
    output
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  )
  return packages.filter((name) => !installed.has(name))
}

/** Installs what is missing, as root or by a sudo that asks nothing; else throws with the line to type. */
export async function installPackages(packages) {
  const names = await missing(packages)
  if (names.length === 0) return
  const install = ['install', '-y', '--no-install-recommends', ...names]
  let prefix = []
  if (process.getuid() !== 0) {
    if ((await capture('sudo', ['-n', 'true'])).code !== 0) {
      throw new StepError(
        'These Debian packages are missing, and this user may not install them. Please run:\n\n' +
          `  sudo apt-get update && sudo apt-get ${install.join(' ')}\n\nand then the same command again.`,
      )
    }
    prefix = ['sudo', '-n']
  }
  // env, because sudo would drop the variable.
  const aptGet = [
    ...prefix,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-o',
    'DPkg::Lock::Timeout=300',
  ]
  say(`  Debian packages to install: ${names.join(' ')}`)
  const run = (label, args, progress) =>
    step(label, aptGet[0], [...aptGet.slice(1), ...args], { progress })
  await run('apt: package lists', ['update'], /^(?:Get|Hit):\d+/)
  await run('apt: packages', install, /^(?:Get:\d+|Unpacking|Setting up) ?\S*/)
}

/**
 * The address of the Debian archive this machine uses, out of its own apt sources, in either of their two forms.
 * The security archive is another tree and does not count.
 */
export function debianMirror(etc = '/etc/apt') {
  const files = []
  const parts = join(etc, 'sources.list.d')
  if (existsSync(parts))
    files.push(
      ...readdirSync(parts)
        .sort()
        .map((name) => join(parts, name)),
    )
  files.push(join(etc, 'sources.list'))
  for (const file of files) {
    if (!existsSync(file)) continue
    const text = readFileSync(file, 'utf8')
    let uris = []
    if (file.endsWith('.sources')) uris = deb822Uris(text)
    else if (file.endsWith('.list')) uris = oneLineUris(text)
    const uri = uris.find((each) => /\/debian\/?$/.test(each))
    if (uri) return uri
  }
  throw new StepError(
    'No Debian archive (an address ending in /debian) is named in /etc/apt/sources.list or ' +
      '/etc/apt/sources.list.d; it is needed for the packages of newer suites.',
  )
}

function deb822Uris(text) {
  const uris = []
  for (const stanza of text.split(/\n\s*\n/)) {
    const lines = stanza.split('\n').filter((line) => !line.startsWith('#'))
    const field = (name) =>
      lines
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim() ?? ''
    if (field('enabled').toLowerCase() === 'no' || !field('types').split(/\s+/).includes('deb'))
      continue
    uris.push(...field('uris').split(/\s+/).filter(Boolean))
  }
  return uris
}

function oneLineUris(text) {
  return text
    .split('\n')
    .flatMap((line) => /^deb\s+(?:\[[^\]]*\]\s*)?(\S+)/.exec(line.trim())?.[1] ?? [])
}

/** An apt of our own that sees `suites` and nothing of the machine's packages. Made by privateApt(). */
class PrivateApt {
  constructor(folder, environment) {
    this.folder = folder
    this.environment = environment
  }

  /** Downloads packages (`name/suite`) and unpacks all of them into `target`. */
  async unpack(label, packages, target) {
    const downloads = join(this.folder, 'downloads')
    rmSync(downloads, { recursive: true, force: true })
    mkdirSync(downloads, { recursive: true })
    const options = {
      cwd: downloads,
      env: this.environment,
      progress: /^Get:\d+ .*\/(\S+ \S+) \S+/,
    }
    await step(`${label}: download`, 'apt-get', ['download', ...packages], options)
    mkdirSync(target, { recursive: true })
    for (const name of readdirSync(downloads)) {
      await step(`${label}: unpack ${name.split('_')[0]}`, 'dpkg', [
        '-x',
        join(downloads, name),
        target,
      ])
    }
    rmSync(downloads, { recursive: true, force: true })
  }

  /** The newest version of a package in a suite, as the archive numbers it. */
  async version(name, suite) {
    const { output } = await capture('apt-cache', ['madison', name], { env: this.environment })
    const rows = output.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
    const row = rows.find((cells) => cells[2]?.includes(` ${suite}/`))
    if (!row) throw new StepError(`The Debian archive has no ${name} in ${suite}:\n${output}`)
    return row[1]
  }
}

/** Makes the private apt and fetches the lists of the suites. */
export async function privateApt(suites) {
  const folder = join(tools, 'apt')
  const at = (name) => join(folder, name)
  for (const name of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(at(name), { recursive: true })
  writeFileSync(at('status'), '')
  writeFileSync(
    at('debian.sources'),
    `Types: deb\nURIs: ${debianMirror()}\nSuites: ${suites.join(' ')}\nComponents: main\nSigned-By: ${keyring}\n`,
  )
  writeFileSync(
    at('apt.conf'),
    [
      `Dir::Etc::sourcelist "${at('debian.sources')}";`,
      'Dir::Etc::sourceparts "-";',
      `Dir::State "${at('state')}";`,
      `Dir::State::status "${at('status')}";`,
      `Dir::Cache "${at('cache')}";`,
      // The download user _apt may not write into a clone.
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      // A frozen mirror's metadata may be past its date; the signature is checked all the same.
      'Acquire::Check-Valid-Until "false";',
      '',
    ].join('\n'),
  )
  const environment = { APT_CONFIG: at('apt.conf') }
  await step(`apt: lists of ${suites.join(', ')}`, 'apt-get', ['update'], {
    env: environment,
    progress: /^(?:Get|Hit):\d+/,
  })
  return new PrivateApt(folder, environment)
}
