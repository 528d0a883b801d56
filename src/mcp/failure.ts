import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { SpekiError } from '../errors.ts'
import { log } from '../log.ts'

export interface Failure {
  readonly text: string
  readonly structured: Record<string, unknown>
}

const MAX_DETAILS = 6000

/** The one mapper of errors to what a client sees: what failed, the state now, the next step. Never a stack. */
export function describeFailure(error: unknown, tool: string): Failure {
  if (error instanceof z.ZodError)
    return present(
      'invalid_input',
      `The arguments of ${tool} do not fit: ${describeIssues(error)} Nothing was changed.`,
      `Mend them and call ${tool} again.`,
    )
  if (error instanceof SpekiError) {
    if (error.code === 'internal')
      log('error', 'tool.failed', { tool, message: error.message, cause: String(error.cause) })
    return present(error.code, error.message, error.hint, error.details)
  }
  if (error instanceof Error && error.name === 'AbortError')
    return present('cancelled', `${tool} was cancelled.`, undefined)
  if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
    // Parts load when they are first used; an update in between takes them away.
    return present(
      'precondition_failed',
      'SPEKI was updated while this server ran. Nothing was changed.',
      'Restart the client, so that it starts the new one.',
    )
  }
  const id = randomUUID()
  log('error', 'tool.defect', {
    id,
    tool,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  return present(
    'internal',
    `${tool} failed by a defect of SPEKI (report ${id}).`,
    'Look for that id in the log on stderr, and try another way.',
  )
}

function present(
  code: string,
  message: string,
  hint: string | undefined,
  details?: Readonly<Record<string, unknown>>,
): Failure {
  const shown = details === undefined ? undefined : clipDetails(details)
  const text = [message, hint && `Next: ${hint}`, shown && JSON.stringify(shown)].filter(Boolean).join('\n')
  return {
    text,
    structured: {
      error: { code, message, ...(hint !== undefined && { hint }), ...(shown !== undefined && { details: shown }) },
    },
  }
}

/** Details may hold whole passages of a text; beyond the budget of an answer the long strings are cut. */
function clipDetails(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const json = JSON.stringify(details)
  if (json.length <= MAX_DETAILS) return { ...details }
  return { truncated: true, text: json.slice(0, MAX_DETAILS) }
}

function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 10)
    .map(
      (issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}${/[.!?]$/.test(issue.message) ? '' : '.'}`,
    )
    .join(' ')
}
