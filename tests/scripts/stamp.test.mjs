// Stamps: a step runs again exactly when an input or its output changed, or when it failed.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import test from 'node:test'
import { build, root } from '../../scripts/paths.mjs'
import { whenChanged } from '../../scripts/stamp.mjs'

test('work is done once per state of its inputs', async (t) => {
  const folder = join(build, 'stamp-test')
  const name = 'stamp-test'
  const clean = () => {
    rmSync(folder, { recursive: true, force: true })
    rmSync(join(build, 'stamps', name), { force: true })
  }
  clean()
  t.after(clean)
  mkdirSync(folder, { recursive: true })
  const input = join(folder, 'input')
  const output = join(folder, 'output')
  writeFileSync(input, 'one')
  let times = 0
  const work = async () => {
    times++
    writeFileSync(output, '')
  }
  const run = (job = work) => whenChanged(name, [relative(root, input)], output, job)

  await run()
  await run()
  assert.equal(times, 1)
  writeFileSync(input, 'other')
  const failure = async () => {
    throw new Error('cannot')
  }
  await assert.rejects(run(failure))
  await run()
  assert.equal(times, 2)
  rmSync(output)
  await run()
  assert.equal(times, 3)
})
