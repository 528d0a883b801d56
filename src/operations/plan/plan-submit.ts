import { z } from 'zod'
import { PlanKey, PrdKey, TaskKey } from '../../../schemas/key.ts'
import { PlannedTask } from '../../../schemas/plan.ts'
import { defineOperation, Next } from '../operation.ts'

const ROWS = 60

export const planSubmit = defineOperation({
  name: 'plan_submit',
  title: 'Submit plan',
  description:
    'Submit the plan of a PRD: checked whole (repositories, requirements, cycles, coverage, duplicates, criteria, size), stored whole or not at all. Finished and claimed tasks are kept on re-plan.',
  toolset: 'plan',
  effect: 'write',
  action: 'plan.submit',
  input: z.object({
    prd: PrdKey,
    base_revision: z.int32().min(1).describe('Revision the plan was cut from'),
    tasks: z.array(PlannedTask).min(1).max(1000),
    dry_run: z.boolean().default(false).describe('Check only'),
  }),
  output: z.object({
    plan: PlanKey.optional().describe('Absent on a dry run'),
    created: z.array(z.object({ ref: z.string(), task: TaskKey.optional() })).describe('At most 60'),
    created_total: z.int32(),
    updated: z.array(TaskKey),
    kept: z.array(TaskKey),
    cancelled: z.array(TaskKey),
    stranded: z.array(z.object({ task: TaskKey, waits_for: TaskKey })).describe('Tasks that wait for a cancelled one'),
    ready: z.int32(),
    waves: z.array(z.int32()).describe('How many tasks can run at once, wave after wave'),
    critical_path: z.array(z.string()).describe('The longest chain by size, as refs'),
    next: Next,
  }),
  summarize: ({ plan, created_total, ready }) =>
    plan === undefined
      ? `The plan holds: ${created_total} task(s) would be created.`
      : `${plan} accepted: ${created_total} task(s) created, ${ready} ready.`,
  async run(input, { service, caller, request }) {
    const { submitPlan } = await import('../../domain/plan/submit.ts')
    const result = await submitPlan(
      service,
      caller,
      { prd: input.prd, baseRevision: input.base_revision, tasks: input.tasks, dryRun: input.dry_run },
      request,
    )
    return {
      plan: result.plan,
      created: result.created.slice(0, ROWS),
      created_total: result.created.length,
      updated: result.updated.slice(0, ROWS),
      kept: result.kept.slice(0, ROWS),
      cancelled: result.cancelled.slice(0, ROWS),
      stranded: result.stranded.slice(0, 20).map(({ task, waitsFor }) => ({ task, waits_for: waitsFor })),
      ready: result.ready,
      waves: result.waves.slice(0, ROWS),
      critical_path: result.critical_path.slice(0, ROWS),
      next: input.dry_run
        ? [`plan_submit prd="${input.prd}" base_revision=${input.base_revision}`]
        : ['task_claim', `task_list prd="${input.prd}"`],
    }
  },
})
