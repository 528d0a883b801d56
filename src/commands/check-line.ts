import { spawnSync } from 'node:child_process'
import { parse } from 'shell-quote'
import type { CheckCommand, CheckKind } from '../../schemas/repository.ts'
import { SpekiError } from '../errors.ts'

/** Words that only change the shell they stand in. */
const CHANGES_SHELL = new Set(['cd', 'pushd', 'export', 'set', 'source', '.', 'alias', 'umask', 'ulimit', 'unset'])

/**
 * A check as a person writes it down, understood as their shell would: words and quotes are a program and its arguments, and
 * what only a shell can do (`cd api && …`, variables, pipes, globs) is run by `sh`, because a person says so. Throws
 * `invalid_input` where no shell would understand it.
 */
export function checkFromLine(kind: CheckKind, line: string): CheckCommand {
  const refuse = (why: string, hint = `For example --${kind} "npm test".`): never => {
    throw new SpekiError('invalid_input', `The ${kind} command ${why}. Nothing was changed.`, { hint })
  }
  const text = line.trim()
  if (text === '') return refuse('is empty')
  const words = parse(text, (name) => ({ op: `$${name}` }))
  const [first] = words
  const plain = words.filter((word) => typeof word === 'string')
  const needsShell =
    plain.length < words.length || /^\w+=/.test(plain[0] ?? '') || plain.some((word) => word.startsWith('~'))
  const changesShell = typeof first === 'string' && CHANGES_SHELL.has(first)
  if (changesShell && !needsShell)
    return refuse(
      `is only ${text}, which runs nothing`,
      `Put the check behind it, for example --${kind} "${text} && npm test".`,
    )
  if (process.platform === 'win32') {
    if (needsShell) return refuse('needs a shell', 'Put it into a script of the repository and name that.')
    return { kind, argv: plain, source: 'person' }
  }
  const { status, stderr } = spawnSync('sh', ['-n', '-c', text], { encoding: 'utf8' })
  if (status !== 0) return refuse(`is not what a shell understands (${stderr.trim().split('\n', 1)[0] ?? ''})`)
  return { kind, argv: needsShell ? ['sh', '-c', text] : plain, source: 'person' }
}
