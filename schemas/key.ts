import { z } from 'zod'

/** Keys people use. The number is unique in the workspace and never reused. */
const key = (prefix: string, noun: string) =>
  z
    .string()
    .toUpperCase()
    .regex(new RegExp(`^${prefix}-[1-9]\\d{0,9}$`), `Write the key of a ${noun} as ${prefix}-12.`)
    .describe(`e.g. ${prefix}-12`)

export const PrdKey = key('PRD', 'PRD')
export const RequirementKey = key('REQ', 'requirement')
export const TaskKey = key('TASK', 'task')
export const PlanKey = key('PLAN', 'plan')
export const ValidationKey = key('CHECK', 'validation')
export const KnowledgeKey = key('KNOW', 'knowledge entry')
export const RunKey = key('RUN', 'run')
export const ChangeSetKey = key('CS', 'change set')

const written = (prefix: string) => (number: number) => `${prefix}-${number}`

/** Keys as people write them, from the number: 12 → `TASK-12`. The one place where keys are made. */
export const prdKey = written('PRD')
export const requirementKey = written('REQ')
export const taskKey = written('TASK')
export const planKey = written('PLAN')
export const validationKey = written('CHECK')
export const knowledgeKey = written('KNOW')
export const runKey = written('RUN')
export const changeSetKey = written('CS')

/** Counts changes of a record. An update names the revision it was based on; a stale one changes nothing. */
export const Revision = z.int32().min(0).describe('Revision you last read')

/** Milliseconds since 1970-01-01 UTC; inside the program and in the database. */
export const Instant = z.int().min(0)
export type Instant = z.infer<typeof Instant>

/** The number in a key: `TASK-12` → 12. */
export function keyNumber(value: string): number
export function keyNumber(value: string | undefined): number | undefined
export function keyNumber(value: string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.slice(value.lastIndexOf('-') + 1))
}
