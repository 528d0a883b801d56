import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { SpekiError } from '../errors.ts'
import { log } from '../log.ts'
import { requestOf } from '../request.ts'
import { type WordStep, wordAsCall } from '../step.ts'
import { asKnown } from './outside.ts'
import { excerpt, plain } from './text.ts'

const MAX_MESSAGE = 3000
const MAX_DETAILS = 4000

/** The one mapper of errors to the words a client sees: what failed, the state now, the next step. Never a stack. */
export function describeFailure(error: unknown, tool: string, word: WordStep = wordAsCall): string {
  if (error instanceof z.ZodError) {
    return present(
      `The arguments of ${tool} do not fit: ${describeIssues(error)} Nothing was changed.`,
      `Mend them and call ${tool} again.`,
    )
  }
  if (error instanceof SpekiError) {
    if (error.code === 'internal')
      log('error', 'tool.failed', { tool, message: error.message, cause: String(error.cause) })
    return present(error.message, error.hintIn(word), error.details)
  }
  const known = asKnown(error)
  if (known !== undefined) {
    log('debug', 'tool.refused', { tool, request: requestOf(error), code: known.code, error: String(error) })
    return present(known.message, known.hintIn(word), known.details)
  }
  if (error instanceof Error && error.name === 'AbortError') return `${tool} was cancelled.`
  if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
    // Parts load when they are first used; an update in between takes them away.
    return present(
      'SPEKI was updated while this server ran. Nothing was changed.',
      'Restart the client, so that it starts the new one.',
    )
  }
  const id = requestOf(error) ?? randomUUID()
  log('error', 'tool.defect', {
    request: id,
    tool,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  return present(
    `${tool} failed by a defect of SPEKI (report ${id}).`,
    'Look for that id in the log on stderr, and try another way.',
  )
}

/** Details may hold whole passages of a text; beyond the budget of an answer they are cut. */
function present(message: string, hint: string | undefined, details?: Readonly<Record<string, unknown>>): string {
  const shown = details === undefined ? undefined : excerpt(plain(JSON.stringify(details)), MAX_DETAILS)
  return [excerpt(plain(message), MAX_MESSAGE), hint && `Next: ${plain(hint)}`, shown].filter(Boolean).join('\n')
}

function describeIssues(error: z.ZodError): string {
  const shown = error.issues
    .slice(0, 10)
    .map(
      (issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}${/[.!?]$/.test(issue.message) ? '' : '.'}`,
    )
  const more = error.issues.length - shown.length
  return [...shown, ...(more > 0 ? [`And ${more} more.`] : [])].join(' ')
}
