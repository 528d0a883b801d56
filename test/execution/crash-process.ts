import childProcess, { type ChildProcess } from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Loaded before the program (`node --import`): kills it, as nothing can be caught, at the n-th git command, just before that
 * starts or just after it ended. Each change of a repository and of the database lies between two such moments.
 */
// The environment of a worker comes later than this.
const [at = '0', when = 'before'] = (new URL(import.meta.url).searchParams.get('at') ?? '').split(' ')
const spawn = childProcess.spawn
let count = 0

function crashing(...args: Parameters<typeof spawn>): ChildProcess {
  if (args[0] !== 'git') return spawn(...args)
  count += 1
  if (count !== Number(at)) return spawn(...args)
  if (when === 'before') process.kill(process.pid, 'SIGKILL')
  const child = spawn(...args)
  child.prependOnceListener('exit', () => process.kill(process.pid, 'SIGKILL'))
  return child
}

childProcess.spawn = crashing as typeof spawn
syncBuiltinESMExports()
