import { z } from 'zod'

/** What an agent used. Absent numbers are unknown, never zero. */
export const AgentUsage = z.object({
  turns: z.int().min(0).optional().describe('Requests to the model'),
  inputTokens: z.int().min(0).optional(),
  cachedTokens: z.int().min(0).optional().describe('Of the input, read from the cache'),
  outputTokens: z.int().min(0).optional(),
  costUsd: z.number().min(0).optional(),
})
export type AgentUsage = z.infer<typeof AgentUsage>

/**
 * How an agent's session ended, told by what happened. `ended` says only that the model stopped by itself: whether the
 * work is done, the checks decide. Of the others, `api_error`, `not_started` and `crashed` are the fault of nobody's work.
 */
export const AgentOutcome = z.enum([
  'ended',
  'denied',
  'schema_miss',
  'turn_limit',
  'budget',
  'timeout',
  'stalled',
  'api_error',
  'not_started',
  'crashed',
  'cancelled',
])
export type AgentOutcome = z.infer<typeof AgentOutcome>

/** One thing an agent did, the same words for every agent. What a driver does not know is `other`, never an error. */
export const AgentEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session'), session: z.string(), version: z.string().optional() }),
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('tool_start'), id: z.string(), tool: z.string(), input: z.string().describe('At most 2,000 characters') }),
  z.object({ type: z.literal('tool_end'), id: z.string(), failed: z.boolean(), exitCode: z.int().optional() }),
  z.object({ type: z.literal('file_change'), path: z.string() }),
  z.object({ type: z.literal('denial'), id: z.string().optional().describe('Of the call'), tool: z.string(), reason: z.string() }),
  z.object({ type: z.literal('usage'), usage: AgentUsage.describe('Since the start of the session') }),
  z.object({ type: z.literal('error'), message: z.string(), status: z.int().optional(), retryable: z.boolean() }),
  z.object({ type: z.literal('other'), kind: z.string() }),
]) // biome-ignore format: one event a line
export type AgentEvent = z.infer<typeof AgentEvent>
