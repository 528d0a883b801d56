import { z } from 'zod'
import { keyNumber, PlanKey, PrdKey, TaskKey } from '../../../schemas/key.ts'
import { PlannedTask } from '../../../schemas/plan.ts'
import { BLANK, step } from '../../step.ts'
import { nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'
import { asIs } from '../text.ts'

const ROWS = 60

export const planSubmit = defineOperation({
  name: 'plan_submit',
  title: 'Submit plan',
  description:
    'Submit the plan of a PRD: checked whole (repositories, requirements, cycles, coverage, duplicates, criteria, size) and stored whole or not at all. Re-planning keeps finished and claimed tasks.',
  toolset: 'plan',
  effect: 'write',
  action: 'plan.submit',
  input: z.object({
    prd: PrdKey,
    base_revision: z.int32().min(1).describe('It was cut from'),
    tasks: z.array(PlannedTask).min(1).max(1000),
    dry_run: z.boolean().default(false).describe('Check only'),
  }),
  output: z.object({
    plan: PlanKey.optional().describe('Absent on a dry run'),
    created: z.array(z.object({ ref: z.string(), task: TaskKey.optional() })),
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
  async run(input, { service, caller, request, cut }) {
    const { submitPlan } = await import('../../domain/plan/submit.ts')
    const result = await submitPlan(
      service,
      caller,
      { prd: input.prd, baseRevision: input.base_revision, tasks: input.tasks, dryRun: input.dry_run },
      request,
    )
    const { prd } = input
    const tasks = step('task_list', { prd })
    const keys = (field: string, items: readonly string[]) => cut.list(field, items, { rows: ROWS }, tasks, asIs)
    return {
      plan: result.plan,
      created: cut.list('created', result.created, { rows: ROWS }, tasks, asIs),
      created_total: result.created.length,
      updated: keys('updated', result.updated),
      kept: keys('kept', result.kept),
      cancelled: keys('cancelled', result.cancelled),
      stranded: cut.list(
        'stranded',
        result.stranded,
        { rows: 20 },
        step('task_list', { prd, blocked: true }),
        (row) => ({
          task: row.task,
          waits_for: row.waitsFor,
        }),
      ),
      ready: result.ready,
      waves: cut.list('waves', result.waves, { rows: ROWS }, tasks, asIs),
      critical_path: keys('critical_path', result.critical_path),
      next: input.dry_run
        ? [step('plan_submit', { prd, base_revision: input.base_revision, tasks: BLANK })]
        : [...(await nextWork(service, caller, { prd: keyNumber(prd) })).slice(0, 2), tasks],
    }
  },
})
