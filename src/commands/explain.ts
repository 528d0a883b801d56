import { CommanderError } from 'commander'
import { describeFailure } from '../operations/failure.ts'
import { exitCodeOf } from './exit-code.ts'

/** An error for people on a terminal, in the same words an agent gets, and what the shell sees. */
export function explain(error: unknown): { readonly text: string | undefined; readonly code: number } {
  // The command library has told it, or was asked for help.
  if (error instanceof CommanderError) return { text: undefined, code: error.exitCode === 0 ? 0 : 2 }
  return { text: describeFailure(error, 'this command'), code: exitCodeOf(error) }
}
