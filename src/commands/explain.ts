import { describeFailure } from '../mcp/failure.ts'

/** An error for people on a terminal, in the same words an agent gets. */
export function explain(error: unknown): string {
  return `speki: ${describeFailure(error, 'this command').text}`
}
