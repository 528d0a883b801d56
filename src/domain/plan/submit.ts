import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { keyNumber, prdKey, taskKey } from '../../../schemas/key.ts'
import type { PlannedTask } from '../../../schemas/plan.ts'
import { SpekiError } from '../../errors.ts'
import { extraction } from '../../reading/readings.ts'
import { hint, step } from '../../step.ts'
import type { Reader } from '../../store/database.ts'
import { findPrdBody, type PrdRecord } from '../../store/prd/prds.ts'
import { requireReady } from '../check/gate.ts'
import { getPrd } from '../prd/prd.ts'
import { consult, type Request, type Service, transact } from '../service.ts'
import { readPlanState } from './context.ts'
import { examining } from './examining.ts'
import { questionsByRequirement } from './open-questions.ts'
import type { ResolvedPlan } from './resolve.ts'
import { scheduleOf } from './schedule.ts'
import { type Accepted, countReady, findStranded, type PlanOutcome, storePlan } from './store-plan.ts'
import { clip } from './wording.ts'

export interface Submission {
  readonly prd: string
  readonly baseRevision: number
  readonly tasks: readonly PlannedTask[]
  /** Check only. */
  readonly dryRun: boolean
}

const SHOWN_PROBLEMS = 8
const MAX_PROBLEMS = 100

/** Checks a plan whole and stores it whole, or throws with everything that is wrong and stores nothing. */
export async function submitPlan(
  service: Service,
  caller: Principal,
  submission: Submission,
  request?: Request,
): Promise<PlanOutcome> {
  if (submission.dryRun) {
    return await consult(service, caller, 'plan.submit', async (reader) => {
      const { plan, questions } = await accept(reader, submission)
      return {
        plan: undefined,
        created: plan.tasks
          .filter((task) => task.updates === undefined && task.repeats === undefined)
          .map(({ planned }) => ({ ref: planned.ref })),
        ...describePlan(plan),
        stranded: await findStranded(reader, plan),
        ready: countReady(plan, questions),
        ...scheduleOfPlan(plan),
      }
    })
  }
  return await transact(
    service,
    caller,
    'plan.submit',
    async (tx, now) => {
      const { prd, state, plan, questions } = await accept(tx, submission)
      await requireReady(tx, prd, 'plan')
      const stored = await storePlan(tx, actorOf(caller), { prd, state, plan, now, questions })
      return { ...stored, ...describePlan(plan), ready: countReady(plan, questions), ...scheduleOfPlan(plan) }
    },
    request,
  )
}

/** Reads what the plan is checked against and checks it, all in the transaction that stores it. */
async function accept(reader: Reader, submission: Submission): Promise<Omit<Accepted, 'now'>> {
  const prd = await getPrd(reader, keyNumber(submission.prd))
  checkBase(prd, submission.baseRevision)
  const state = await readPlanState(reader, prd, submission.tasks)
  const plan = examining.now({ context: state.context, tasks: submission.tasks })
  const { problems } = plan
  if (problems.length === 0) {
    const { questions } = extraction.now({ text: (await findPrdBody(reader, prd.id, prd.revision)) ?? '' })
    return { prd, state, plan, questions: questionsByRequirement(questions, state.requirements) }
  }
  const shown = problems.slice(0, SHOWN_PROBLEMS).map((entry) => `- ${clip(entry.message, 200)}`)
  throw new SpekiError(
    'invalid_input',
    `The plan has ${problems.length} problem${problems.length === 1 ? '' : 's'}; nothing was stored.\n${shown.join('\n')}`,
    {
      hint: hint`Mend all of them and submit again; ${step('plan_submit', { prd: prdKey(prd.id), dry_run: true })} only checks.`,
      details: { problems: problems.slice(0, MAX_PROBLEMS) },
    },
  )
}

function checkBase(prd: PrdRecord, baseRevision: number): void {
  if (prd.state === 'archived')
    throw new SpekiError('precondition_failed', `${prdKey(prd.id)} is archived.`, {
      hint: hint`Bring it back with ${step('prd_update', { prd: prdKey(prd.id), state: 'draft' })}.`,
    })
  if (baseRevision === prd.revision) return
  throw new SpekiError(
    'conflict',
    `The plan was cut from revision ${baseRevision} of ${prdKey(prd.id)}, which is at revision ${prd.revision}; nothing was stored.`,
    { hint: hint`Call ${step('plan_draft', { prd: prdKey(prd.id) })} again and submit that.` },
  )
}

function scheduleOfPlan(plan: ResolvedPlan): Pick<PlanOutcome, 'waves' | 'critical_path'> {
  const { waves, criticalPath } = scheduleOf(plan.tasks.map(({ planned }) => planned))
  return { waves: waves.map((wave) => wave.length), critical_path: criticalPath }
}

function describePlan(plan: ResolvedPlan): Pick<PlanOutcome, 'updated' | 'kept' | 'cancelled'> {
  const key = ({ id }: { readonly id: number }) => taskKey(id)
  return {
    updated: plan.tasks.flatMap((task) => (task.updates === undefined ? [] : [key(task.updates)])),
    kept: plan.kept.map(key),
    cancelled: plan.cancelled.map(key),
  }
}
