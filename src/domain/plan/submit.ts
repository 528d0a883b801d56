import type { Caller } from '../../../schemas/actor.ts'
import { keyNumber } from '../../../schemas/key.ts'
import type { PlannedTask } from '../../../schemas/plan.ts'
import { SpekiError } from '../../errors.ts'
import type { Tx } from '../../store/database.ts'
import { appendEvent } from '../../store/events.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { insertPlan } from '../../store/plans.ts'
import type { PrdRecord } from '../../store/prds.ts'
import { setDependencies, setTaskRequirements } from '../../store/task-links.ts'
import { insertTask, lastPosition, type TaskRecord, updateTask } from '../../store/tasks.ts'
import { followWork, getPrd } from '../prd.ts'
import { type Request, type Service, transact } from '../service.ts'
import { checkPlan, matchRepository, matchRequirement, taskNumber } from './check.ts'
import { readSurroundings, type Surroundings } from './context.ts'

export interface Submission {
  readonly prd: string
  readonly baseRevision: number
  readonly tasks: readonly PlannedTask[]
  /** Check only. */
  readonly dryRun: boolean
}

export interface PlanOutcome {
  /** Undefined on a dry run. */
  readonly plan: string | undefined
  /** A task has no key yet on a dry run. */
  readonly created: readonly { readonly ref: string; readonly task?: string }[]
  readonly updated: readonly string[]
  readonly kept: readonly string[]
  readonly cancelled: readonly string[]
  /** Tasks of the plan that can start now. */
  readonly ready: number
}

const SHOWN_PROBLEMS = 12

/** Checks a plan whole and stores it whole, or throws with everything that is wrong and stores nothing. */
export async function submitPlan(
  service: Service,
  caller: Caller,
  submission: Submission,
  request?: Request,
): Promise<PlanOutcome> {
  return await transact(
    service,
    caller,
    async (tx, now) => {
      const prd = await getPrd(tx, keyNumber(submission.prd))
      checkBase(prd, submission.baseRevision)
      const around = await readSurroundings(tx, prd, submission.tasks)
      const problems = checkPlan(around.context, submission.tasks)
      if (problems.length > 0) {
        const shown = problems.slice(0, SHOWN_PROBLEMS).map((entry) => `- ${entry.message}`)
        throw new SpekiError(
          'invalid_input',
          `The plan has ${problems.length} problem${problems.length === 1 ? '' : 's'}; nothing was stored.\n${shown.join('\n')}`,
          {
            hint: 'Mend all of them and submit again; dry_run=true only checks.',
            details: { problems: problems.slice(0, 100) },
          },
        )
      }
      return await store(tx, caller, prd, submission, around, now)
    },
    request,
  )
}

function checkBase(prd: PrdRecord, baseRevision: number): void {
  if (prd.state === 'archived')
    throw new SpekiError('precondition_failed', `PRD-${prd.id} is archived.`, {
      hint: `Bring it back with prd_update id="PRD-${prd.id}" state="draft".`,
    })
  if (baseRevision === prd.revision) return
  throw new SpekiError(
    'conflict',
    `The plan was cut from revision ${baseRevision} of PRD-${prd.id}, which is at revision ${prd.revision}; nothing was stored.`,
    {
      hint: `Call plan_draft prd="PRD-${prd.id}" again and submit that.`,
    },
  )
}

async function store(
  tx: Tx,
  caller: Caller,
  prd: PrdRecord,
  submission: Submission,
  around: Surroundings,
  now: number,
): Promise<PlanOutcome> {
  const reused = reuse(submission.tasks, around)
  const fresh = submission.tasks.filter((task) => !reused.has(task.ref))
  const dropped = around.open.filter((task) => ![...reused.values()].includes(task))
  const outcome = {
    updated: [...reused.values()].map((task) => `TASK-${task.id}`),
    kept: around.kept.map((task) => `TASK-${task.id}`),
    cancelled: dropped.map((task) => `TASK-${task.id}`),
  }
  if (submission.dryRun) {
    const waiting = submission.tasks.filter((task) => task.depends_on.length > 0).length
    return {
      plan: undefined,
      created: fresh.map(({ ref }) => ({ ref })),
      ...outcome,
      ready: submission.tasks.length - waiting,
    }
  }

  const planId = await reserveNumbers(tx, 'plan')
  await insertPlan(tx, { id: planId, prdId: prd.id, prdRevision: prd.revision, at: now }, caller.actor)
  const firstId = fresh.length > 0 ? await reserveNumbers(tx, 'task', fresh.length) : 0
  const idOf = new Map<string, number>([
    ...[...reused].map(([ref, task]) => [ref, task.id] as const),
    ...fresh.map((task, index) => [task.ref, firstId + index] as const),
  ])
  const start = (await lastPosition(tx)) + 1
  const columns = (task: PlannedTask, index: number) => ({
    title: task.title,
    description: task.description,
    repository_id: matchRepository(around.repositories, task.repository)?.id ?? 0,
    plan_id: planId,
    prd_revision: prd.revision,
    stale: 0,
    criteria: JSON.stringify(task.acceptance_criteria),
    test_cases: JSON.stringify(task.test_cases),
    complexity: task.complexity,
    priority: task.priority,
    position: start + index,
    context: JSON.stringify(task.context),
    updated_at: now,
  })
  for (const [index, task] of submission.tasks.entries()) {
    const existing = reused.get(task.ref)
    if (existing === undefined)
      await insertTask(tx, {
        ...columns(task, index),
        ...UNTOUCHED,
        id: idOf.get(task.ref) ?? 0,
        alias: task.ref,
        prd_id: prd.id,
        created_at: now,
      })
    else await updateTask(tx, existing.id, columns(task, index))
  }
  for (const task of submission.tasks) {
    const id = idOf.get(task.ref) ?? 0
    await setDependencies(
      tx,
      id,
      task.depends_on.map((name) => idOf.get(name) ?? taskNumber(name) ?? 0),
    )
    await setTaskRequirements(
      tx,
      id,
      task.requirements.flatMap((name) => matchRequirement(around.requirements, name)?.id ?? []),
    )
    await tx.dialect.indexText(tx, { kind: 'task', id, title: task.title, body: task.description })
  }
  for (const task of dropped) await cancel(tx, caller, prd, task, planId, now)
  // The plan answers what the edit changed; a finished task is no longer in doubt. Claimed ones stay marked for their holder.
  for (const task of around.kept)
    if (task.stale && task.status === 'done') await updateTask(tx, task.id, { stale: 0, updated_at: now })
  await appendEvent(tx, {
    at: now,
    type: 'plan.accepted',
    subject: `PLAN-${planId}`,
    prdId: prd.id,
    actor: caller.actor,
    revision: prd.revision,
    payload: {
      prd: `PRD-${prd.id}`,
      created: fresh.length,
      firstCreated: fresh.length > 0 ? `TASK-${firstId}` : undefined,
      ...outcome,
    },
  })
  await followWork(tx, prd.id, now)
  return {
    plan: `PLAN-${planId}`,
    created: fresh.map((task) => ({ ref: task.ref, task: `TASK-${idOf.get(task.ref)}` })),
    ...outcome,
    ready: await countReady(tx, planId),
  }
}

/** Columns of a task that nobody has touched. */
const UNTOUCHED = {
  status: 'todo',
  waiting_on: 0,
  block_reason: null,
  holder: null,
  holder_session: null,
  lease_hash: null,
  lease_expires_at: null,
  fence: 0,
  revision: 1,
  finished_at: null,
}

/** Open tasks that the plan goes on with: those whose key is a ref, and those of the same ref in the same repository. */
function reuse(tasks: readonly PlannedTask[], around: Surroundings): ReadonlyMap<string, TaskRecord> {
  const reused = new Map<string, TaskRecord>()
  const taken = new Set<TaskRecord>()
  const take = (task: PlannedTask, existing: TaskRecord | undefined) => {
    if (existing === undefined || taken.has(existing) || reused.has(task.ref)) return
    reused.set(task.ref, existing)
    taken.add(existing)
  }
  for (const task of tasks)
    take(
      task,
      around.open.find((existing) => existing.id === taskNumber(task.ref)),
    )
  for (const task of tasks) {
    const repository = matchRepository(around.repositories, task.repository)
    take(
      task,
      around.open.find(
        (existing) =>
          existing.alias === task.ref && existing.repositoryId === repository?.id && existing.title === task.title,
      ),
    )
  }
  return reused
}

async function cancel(
  tx: Tx,
  caller: Caller,
  prd: PrdRecord,
  task: TaskRecord,
  planId: number,
  now: number,
): Promise<void> {
  await updateTask(tx, task.id, {
    status: 'cancelled',
    block_reason: `replaced by PLAN-${planId}`,
    stale: 0,
    updated_at: now,
    finished_at: now,
  })
  await appendEvent(tx, {
    at: now,
    type: 'task.cancelled',
    subject: `TASK-${task.id}`,
    prdId: prd.id,
    repositoryId: task.repositoryId,
    actor: caller.actor,
    revision: task.revision + 1,
    payload: { from: task.status, to: 'cancelled', reason: `replaced by PLAN-${planId}` },
  })
}

async function countReady(tx: Tx, planId: number): Promise<number> {
  const row = await tx.sql
    .selectFrom('task')
    .select((eb) => eb.fn.countAll<number>().as('ready'))
    .where('plan_id', '=', planId)
    .where('status', '=', 'todo')
    .where('waiting_on', '=', 0)
    .executeTakeFirstOrThrow()
  return row.ready
}
