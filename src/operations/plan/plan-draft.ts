import { z } from 'zod'
import type { Principal } from '../../../schemas/actor.ts'
import { keyNumber, PrdKey, TaskKey } from '../../../schemas/key.ts'
import { PacketRequirement, Placement, type PlanDraft, PlannedTask } from '../../../schemas/plan.ts'
import type { PlanPacket } from '../../domain/plan/packet.ts'
import type { Service } from '../../domain/service.ts'
import { BLANK, type Sentence, type Step, step } from '../../step.ts'
import { nextWork } from '../next-work.ts'
import { type Call, defineOperation, Next } from '../operation.ts'
import { asIs, type Cutter, excerpt } from '../text.ts'
import { fitPlan } from './plan-budget.ts'

const DEFAULT_CHARS = 6500

export const planDraft = defineOperation({
  name: 'plan_draft',
  title: 'Draft plan',
  description:
    'Draft the tasks of a PRD per repository: requirements, placements with reasons, contract-first order, waves, open questions. Refine, then plan_submit. for="tech_spec": what one is written from.',
  toolset: 'plan',
  effect: 'read',
  action: 'plan.draft',
  input: z.object({
    prd: PrdKey,
    for: z.enum(['plan', 'tech_spec']).default('plan'),
    stories: z
      .array(z.string().max(100))
      .max(50)
      .optional()
      .describe('For a tech spec: only these labels, REQ or TASK keys'),
    offset: z.int32().min(0).default(0).describe('next_offset'),
    max_chars: z.int32().min(2000).max(200_000).default(DEFAULT_CHARS).describe('Of the answer'),
  }),
  output: z.object({
    prd: PrdKey,
    base_revision: z.int32().describe('Pass it to plan_submit'),
    requirements: z.array(PacketRequirement),
    placements: z.array(Placement),
    tasks: z.array(PlannedTask).describe('In the form plan_submit takes'),
    tasks_total: z.int32(),
    waves: z.array(z.array(z.string())).describe('refs that can run at once, wave after wave'),
    critical_path: z.array(z.string()).describe('The longest chain by size'),
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
    tech_spec: z
      .object({
        outline: z.array(z.string()).describe('Headings to fill, with what belongs under each'),
        contracts: z.array(z.string()).describe('Bind the design'),
        constraints: z.array(z.string()),
        evidence: z.array(z.object({ repository: z.string(), requirement: z.string(), reason: z.string() })),
      })
      .optional(),
    next_offset: z.int32().optional().describe('Set where more requirements or tasks follow'),
    next: Next,
  }),
  summarize: ({ prd, requirements, tasks_total, questions_total }) =>
    `${prd}: ${tasks_total} draft task(s) for ${requirements.length} requirement(s) shown, ${questions_total} question(s).`,
  async run(input, { service, caller, probe, signal, cut }) {
    const { draftForPrd } = await import('../../domain/plan/packet.ts')
    const packet = await draftForPrd(service, caller, probe, keyNumber(input.prd), signal)
    if (input.for === 'tech_spec') return await techSpecAnswer(input, packet, service, caller, cut)
    const fitted = fitPlan(packet.draft, packet.repositories, input.offset, input.max_chars, cut)
    return {
      ...fitted,
      rules: RULES,
      next:
        fitted.next_offset === undefined
          ? await nextOf(packet.draft, { service, caller })
          : [step('plan_draft', { prd: input.prd, offset: fitted.next_offset })],
    }
  },
})

/** A draft that leaves nothing to place is checked as it is; one that does is refined first. */
async function nextOf(
  { prd, base_revision, tasks, requirements }: PlanDraft,
  { service, caller }: Pick<Call, 'service' | 'caller'>,
): Promise<(Step | Sentence)[]> {
  const { readNeeds } = await import('../../domain/outlook.ts')
  const { plan, spans } = await readNeeds(service, caller, keyNumber(prd))
  if (tasks.length === 0)
    return [
      plan && spans === 0
        ? step('prd_update', { prd, repositories: BLANK })
        : step('prd_edit', { prd, base_revision, body: BLANK }),
    ]
  // The plan that stands realises all of it.
  if (!plan) return await nextWork(service, caller, { prd: keyNumber(prd) })
  const submit = step('plan_submit', { prd, base_revision, tasks: BLANK, dry_run: true })
  const placed = new Set(tasks.flatMap((task) => task.requirements))
  const homeless = requirements.filter(
    ({ id, label }) => !placed.has(id) && !(label !== undefined && placed.has(label)),
  )
  if (homeless.length === 0) return [submit]
  const named = homeless.map(({ id, label }) => label ?? id)
  return [
    `Name ${excerpt(named.join(', '), 500)} in the requirements of the tasks that meet them, then submit`,
    step('prd_get', { prd, include: ['requirements'] }),
  ]
}

/** What the calling agent needs to write the tech spec of some stories: a plan comes after it, from it. */
async function techSpecAnswer(
  input: { readonly prd: string; readonly stories?: string[] | undefined; readonly max_chars: number },
  packet: PlanPacket,
  service: Service,
  caller: Principal,
  cut: Cutter,
) {
  const { techSpecPacket } = await import('../../domain/plan/tech-spec-packet.ts')
  const chosen = await techSpecPacket(service, caller, packet.draft, input.stories)
  const fitted = fitPlan(chosen.draft, packet.repositories, 0, input.max_chars, cut)
  const more = Math.max(0, input.max_chars - DEFAULT_CHARS)
  const whole = step('plan_draft', { prd: input.prd, for: 'tech_spec', stories: input.stories, max_chars: 200_000 })
  return {
    ...fitted,
    rules: TECH_SPEC_RULES,
    tech_spec: {
      outline: [...chosen.outline],
      contracts: cut.list('tech_spec.contracts', chosen.contracts, { chars: 2000 + more }, whole, asIs),
      constraints: cut.list('tech_spec.constraints', chosen.constraints, { chars: 1000 + more }, whole, asIs),
      evidence: cut.list('tech_spec.evidence', chosen.evidence, { chars: 1500 + more }, whole, asIs),
    },
    next: [step('prd_create', { kind: 'tech_spec', parent: input.prd, title: BLANK, body: BLANK })],
  }
}

const TECH_SPEC_RULES = [
  'The simplest design that meets the requirements with the code that is there: look before you write, name real paths.',
  'Each requirement shown is met by a named part; nothing is designed that none of them asks for.',
  'A section that does not apply says "N/A" with the reason.',
]

const RULES = [
  'One repository a task; its interface users come after it (depends_on).',
  'Every requirement is realised by at least one task.',
  'Criteria are observable: a status code, a value, a file, a test name; at most 10 a task.',
  'ref of a kept open task is its TASK key: it is updated in place.',
]
