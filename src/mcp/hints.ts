import type { Effect } from '../operations/operation.ts'

/** The four MCP hints. Local writes are neither destructive nor open-world, so that an unattended agent may run them. */
export function hintsOf(effect: Effect): {
  readOnlyHint: boolean
  destructiveHint: boolean
  idempotentHint: boolean
  openWorldHint: boolean
} {
  return {
    readOnlyHint: effect === 'read',
    destructiveHint: effect === 'destructive',
    idempotentHint: effect === 'read',
    openWorldHint: effect === 'external',
  }
}
