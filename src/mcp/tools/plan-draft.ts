import { z } from 'zod'
import { keyNumber, PrdKey, TaskKey } from '../../../schemas/key.ts'
import { PacketRequirement, Placement, PlannedTask } from '../../../schemas/plan.ts'
import { fitPlan } from '../plan-budget.ts'
import { defineTool, Next } from '../tool.ts'

export const planDraft = defineTool({
  name: 'plan_draft',
  title: 'Draft plan',
  description:
    'Draft the decomposition of a PRD into tasks per repository: numbered requirements with lines, placements with reasons, draft tasks in contract-first order, open questions, rules. Refine, then plan_submit.',
  toolset: 'plan',
  effect: 'read',
  input: z.object({
    prd: PrdKey,
    offset: z.int32().min(0).default(0).describe('Where to go on: next_offset of the part before'),
    max_chars: z.int32().min(2000).max(200_000).default(6500).describe('Length of the answer'),
  }),
  output: z.object({
    prd: PrdKey,
    base_revision: z.int32().describe('Pass it to plan_submit'),
    requirements: z.array(PacketRequirement),
    placements: z.array(Placement),
    tasks: z.array(PlannedTask).describe('In the form plan_submit takes'),
    tasks_total: z.int32(),
    questions: z.array(z.string()).describe('What evidence does not decide; as many as have room'),
    questions_total: z.int32(),
    kept: z.array(z.object({ task: TaskKey, title: z.string(), status: z.string() })),
    repositories: z.array(
      z.object({
        name: z.string(),
        packages: z.array(z.string()),
        uses: z.array(z.string()).describe('Repositories of this PRD whose packages it uses'),
      }),
    ),
    rules: z.array(z.string()),
    next_offset: z.int32().optional().describe('Set where more requirements or tasks follow'),
    next: Next,
  }),
  summarize: ({ prd, requirements, tasks_total, questions_total }) =>
    `${prd}: ${tasks_total} draft task(s) for ${requirements.length} requirement(s) shown, ${questions_total} question(s).`,
  async run(input, { service, probe, signal }) {
    const { draftForPrd } = await import('../../domain/plan/packet.ts')
    const packet = await draftForPrd(service, probe, keyNumber(input.prd), signal)
    const fitted = fitPlan(packet.draft, packet.repositories, input.offset, input.max_chars)
    return {
      ...fitted,
      rules: RULES,
      next:
        fitted.next_offset === undefined
          ? [`plan_submit prd="${input.prd}" base_revision=${packet.draft.base_revision} dry_run=true`]
          : [`plan_draft prd="${input.prd}" offset=${fitted.next_offset}`],
    }
  },
})

const RULES = [
  'One repository a task; its interface users come after it (depends_on).',
  'Every requirement is realised by at least one task.',
  'Criteria are observable: a status code, a value, a file, a test name; at most 10 a task.',
  'ref of a kept open task is its TASK key: it is updated in place.',
]
