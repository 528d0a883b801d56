import type { QueryCompiler } from 'kysely'
import { SpekiError } from '../errors.ts'

/**
 * Refuses text that the engines would keep differently: PostgreSQL has no NUL, and both replace half a surrogate pair.
 * What was acknowledged is what is read back.
 */
export function checkedCompiler(compiler: QueryCompiler): QueryCompiler {
  return {
    compileQuery(node, queryId) {
      const query = compiler.compileQuery(node, queryId)
      for (const value of query.parameters) if (typeof value === 'string') refuseBrokenText(value)
      return query
    },
  }
}

function refuseBrokenText(text: string): void {
  const problem = text.includes('\0') ? 'a NUL character' : text.isWellFormed() ? undefined : 'half a surrogate pair'
  if (problem !== undefined)
    throw new SpekiError('invalid_input', `A text has ${problem} in it; nothing was changed.`, {
      hint: 'Send it as well-formed Unicode without NUL.',
    })
}
