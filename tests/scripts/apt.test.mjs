// The machine's own Debian archive, found in either form of apt's sources.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { debianMirror } from '../../scripts/setup/apt.mjs'

/** The mirror of a machine whose /etc/apt holds these files. */
function mirrorOf(t, files) {
  const etc = mkdtempSync(join(tmpdir(), 'frond-apt-'))
  t.after(() => rmSync(etc, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(etc, name)), { recursive: true })
    writeFileSync(join(etc, name), text)
  }
  return debianMirror(etc)
}

const stanza = (uris, rest = '') =>
  `# a comment\nTypes: deb\nURIs: ${uris}\nSuites: bookworm bookworm-updates\nComponents: main\n${rest}`

test('a deb822 file names the archive', (t) => {
  assert.equal(
    mirrorOf(t, { 'sources.list.d/debian.sources': stanza('http://a.example/debian') }),
    'http://a.example/debian',
  )
})

test('a one-line list names the archive, options and comments skipped', (t) => {
  const list =
    '# deb http://old.example/debian bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] https://b.example/debian/ bookworm main\n'
  assert.equal(mirrorOf(t, { 'sources.list': list }), 'https://b.example/debian/')
})

test('the security archive and other vendors are not the archive', (t) => {
  const files = {
    'sources.list.d/a.sources': `${stanza('http://a.example/debian-security')}\n\n${stanza('http://c.example/debian')}`,
    'sources.list.d/aa.list': 'deb https://vendor.example/apt stable main\n',
  }
  assert.equal(mirrorOf(t, files), 'http://c.example/debian')
})

test('a stanza that is switched off, or only of sources, is passed over', (t) => {
  const files = {
    'sources.list.d/a.sources': stanza('http://off.example/debian', 'Enabled: no\n'),
    'sources.list.d/b.sources':
      'Types: deb-src\nURIs: http://src.example/debian\nSuites: bookworm\n',
    'sources.list.d/c.sources.save': stanza('http://backup.example/debian'),
    'sources.list': 'deb http://last.example/debian bookworm main\n',
  }
  assert.equal(mirrorOf(t, files), 'http://last.example/debian')
})

test('a machine without an archive is told so', (t) => {
  assert.throws(() => mirrorOf(t, { 'sources.list': '' }), /No Debian archive/)
})
