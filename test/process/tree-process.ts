import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'

/**
 * Starts what orphans start: `tree-process.ts FILE DEPTH MODE`. Every process of the tree appends to FILE each 20 ms; the
 * first says `ready` when the deepest writes. MODE `stay` keeps parents alive, `leave` ends each after its child began,
 * `bare` gives the children no environment.
 */
const [file = '', depth = '0', mode = 'stay'] = process.argv.slice(2)
setInterval(() => appendFileSync(file, `${process.pid}\n`), 20)
if (Number(depth) > 0) {
  const child = spawn(process.execPath, [process.argv[1] ?? '', file, String(Number(depth) - 1), mode], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: mode === 'bare' ? {} : process.env,
  })
  child.stdout.once('data', () => {
    console.log('ready')
    if (mode === 'leave') setTimeout(() => process.exit(0), 30)
  })
} else setTimeout(() => console.log('ready'), 30)
// Output of a parent that is gone is no reason to end.
process.stdout.on('error', () => {})
