import { CommanderError } from 'commander'
import { z } from 'zod'
import { SpekiError } from '../../errors.ts'
import { describeFailure } from '../../operations/failure.ts'
import { asKnown } from '../../operations/outside.ts'
import { flagOf } from '../operation/argument.ts'
import { commandLine } from '../operation/step.ts'
import { exitCodeOf } from './exit-code.ts'
import type { Screen } from './screen.ts'

/** An error for people on a terminal, with commands where an agent gets calls, and what the shell sees. */
export function explain(
  error: unknown,
  style: Screen['style'],
): { readonly text: string | undefined; readonly code: number } {
  // The command library was asked for help, and has given it.
  if (error instanceof CommanderError && error.exitCode === 0) return { text: undefined, code: 0 }
  const text = describeFailure(forPeople(error), 'this command')
  return {
    text: `${style('red', 'speki:')} ${text.replace(/^Next:/m, style('bold', 'Next:'))}`,
    code: exitCodeOf(error),
  }
}

function forPeople(error: unknown): unknown {
  if (error instanceof z.ZodError)
    return new SpekiError('invalid_input', `That does not fit: ${issuesOf(error)} Nothing was changed.`, {
      hint: 'Mend it and repeat; --help shows what the command takes.',
    })
  const known = asKnown(error)
  if (known === undefined) return error
  const { code, message, details, cause } = known
  const hint = known.hintIn(commandLine)
  return new SpekiError(code, message, {
    ...(hint !== undefined && { hint }),
    ...(details !== undefined && { details }),
    cause,
  })
}

const MAX_ISSUES = 10

function issuesOf({ issues }: z.ZodError): string {
  return issues
    .slice(0, MAX_ISSUES)
    .map(({ path: [name, ...inner], message }) => {
      const place = name === undefined ? [] : [`--${flagOf(String(name))}`, ...inner.map(String)]
      return `${[place.join('.'), message].filter(Boolean).join(': ')}${/[.!?]$/.test(message) ? '' : '.'}`
    })
    .join(' ')
}
