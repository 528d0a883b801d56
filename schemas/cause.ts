import { z } from 'zod'
import { planKey } from './key.ts'

const Reason = z.string().optional().describe('In the words of whoever gave it')

/** Why a task is blocked, failed or cancelled: a kind with data. The sentence is made of it, and never the other way round. */
export const Cause = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('open_question'),
    question: z.string().describe('As the text of the PRD asks it'),
    line: z.int().min(1).describe('Where it stood when the task was blocked'),
    requirements: z.array(z.int()).describe('Numbers of the requirements of the task that it touches'),
  }),
  z.object({ kind: z.literal('person'), reason: Reason }),
  z.object({ kind: z.literal('agent'), reason: Reason }),
  z.object({ kind: z.literal('connector'), reason: Reason }),
  z.object({ kind: z.literal('system'), reason: Reason }),
  z.object({
    kind: z.literal('run'),
    run: z.int().optional().describe('Number of the run that gave up'),
    failure: z.string().optional().describe('Class of the last failure'),
    attempts: z.int().optional().describe('How often it was tried'),
    reason: Reason,
  }),
  z.object({ kind: z.literal('plan'), plan: z.int().describe('Number of the plan that has no place for it') }),
  z.object({
    kind: z.literal('import'),
    from: z.string().optional().describe('Tool it comes from'),
    reason: Reason,
  }),
])
export type Cause = z.infer<typeof Cause>

/** A cause as a sentence for people; undefined where nobody said anything. */
export function wordCause(cause: Cause): string | undefined {
  switch (cause.kind) {
    case 'open_question':
      return `open question, line ${cause.line}: ${cause.question}`
    case 'run': {
      const { failure, attempts = 0, reason } = cause
      const said = [failure && `${failure} after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`, reason]
      return said.filter((part) => part !== undefined).join(': ') || undefined
    }
    case 'plan':
      return `replaced by ${planKey(cause.plan)}`
    default:
      return cause.reason
  }
}
