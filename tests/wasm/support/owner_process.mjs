// A process that opens the directory of its argument: prints what came of it, commits its pid when told to, and lives
// until it is killed or told to end. `node owner_process.mjs directory [open]`: without `open` it waits for a line first.
import { createInterface } from 'node:readline'
import { DirectoryStorage } from 'frond/internal'
import { write } from './instance.mjs'

const [directory, begin] = process.argv.slice(2)
let storage

async function carryOut(line) {
  if (line === 'open') {
    storage = await DirectoryStorage.open('node', directory)
    return 'opened'
  }
  if (line === 'commit') {
    await storage.commit([write(`by-${process.pid}`, 'x')])
    return 'committed'
  }
  await storage?.close()
  return 'closed'
}

async function answer(line) {
  try {
    console.log(await carryOut(line))
  } catch (error) {
    console.log(`${error.name}: ${error.message}`)
  }
}

if (begin !== undefined) await answer(begin)
else console.log('ready')
for await (const line of createInterface({ input: process.stdin })) await answer(line)
