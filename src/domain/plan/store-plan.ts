import type { Actor } from '../../../schemas/actor.ts'
import type { OpenQuestion } from '../../../schemas/requirement.ts'
import { reachable } from '../../graph.ts'
import type { Reader, Tx } from '../../store/database.ts'
import { appendEvent } from '../../store/events.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { deleteTaskLinks, insertPlan, insertTaskLinks, insertTasks, listOpenDependents } from '../../store/prd/plans.ts'
import type { PrdRecord } from '../../store/prd/prds.ts'
import { listEdgesFrom, recountWaiting } from '../../store/task/task-links.ts'
import { lastPosition, updateTask } from '../../store/task/tasks.ts'
import { followWork } from '../prd/prd.ts'
import type { ExistingTask, PlanState } from './context.ts'
import { reasonOf } from './open-questions.ts'
import type { Dependency, ResolvedPlan, ResolvedTask } from './resolve.ts'

export interface PlanOutcome {
  /** Undefined on a dry run. */
  readonly plan: string | undefined
  /** A task has no key yet on a dry run. */
  readonly created: readonly { readonly ref: string; readonly task?: string }[]
  readonly updated: readonly string[]
  readonly kept: readonly string[]
  readonly cancelled: readonly string[]
  /** Tasks outside this plan that go on waiting for a cancelled one. */
  readonly stranded: readonly { readonly task: string; readonly waitsFor: string }[]
  /** Tasks of the plan that can start now. */
  readonly ready: number
  /** How many tasks each wave has that can run at once. */
  readonly waves: readonly number[]
  /** The longest chain by size: refs, first to last. */
  readonly critical_path: readonly string[]
}

/** A plan that holds, with the state it was checked against. */
export interface Accepted {
  readonly prd: PrdRecord
  readonly state: PlanState
  readonly plan: ResolvedPlan
  readonly now: number
  /** What the text leaves open about a requirement: work on it waits. */
  readonly questions: ReadonlyMap<number, readonly OpenQuestion[]>
}

/** Keys named in the event; of a large plan it has the first ones and how many there are. */
const NAMED = 100

/** Stores a checked plan in the transaction it was checked in; keys are reserved in it as well. */
export async function storePlan(
  tx: Tx,
  actor: Actor,
  accepted: Accepted,
): Promise<Pick<PlanOutcome, 'plan' | 'created' | 'stranded'>> {
  const { prd, state, plan, now } = accepted
  const work = plan.tasks.filter((task) => task.repeats === undefined)
  const planId = await reserveNumbers(tx, 'plan')
  await insertPlan(tx, { id: planId, prdId: prd.id, prdRevision: prd.revision, at: now }, actor)
  const fresh = work.filter((task) => task.updates === undefined)
  const firstId = fresh.length > 0 ? await reserveNumbers(tx, 'task', fresh.length) : 0
  const idOf = new Map(fresh.map((task, index) => [task, firstId + index]))
  for (const task of work) if (task.updates !== undefined) idOf.set(task, task.updates.id)
  const key = (task: ResolvedTask) => idOf.get(task) ?? 0
  const idAt = (index: number) => {
    const task = plan.tasks[index]
    return task && idOf.get(task)
  }

  const start = (await lastPosition(tx)) + 1
  const place = new Map(work.map((task, index) => [task, start + index]))
  const columns = (task: ResolvedTask) => ({
    title: task.planned.title,
    description: task.planned.description,
    repository_id: state.repositoryIds.get(task.repository) ?? 0,
    plan_id: planId,
    prd_revision: prd.revision,
    stale: 0,
    waiting_on: countWaiting(task),
    criteria: JSON.stringify(task.planned.acceptance_criteria),
    test_cases: JSON.stringify(task.planned.test_cases),
    complexity: task.planned.complexity,
    priority: task.planned.priority,
    position: place.get(task) ?? start,
    context: JSON.stringify(task.planned.context),
    updated_at: now,
  })
  await insertTasks(
    tx,
    fresh.map((task) => ({
      ...columns(task),
      ...UNTOUCHED,
      ...waitsForAnswer(task, accepted.questions),
      id: key(task),
      alias: task.planned.ref,
      prd_id: prd.id,
      created_at: now,
    })),
  )
  for (const task of work) {
    if (task.updates === undefined) continue
    const waits = task.updates.status === 'todo' ? waitsForAnswer(task, accepted.questions) : {}
    await updateTask(tx, task.updates.id, { ...columns(task), ...waits })
  }
  await deleteTaskLinks(
    tx,
    work.flatMap((task) => task.updates?.id ?? []),
  )
  await insertTaskLinks(tx, {
    dependencies: work.flatMap((task) =>
      task.dependsOn.map((dependency) => ({
        task: key(task),
        dependsOn: 'existing' in dependency ? dependency.existing : (idAt(dependency.planned) ?? 0),
      })),
    ),
    requirements: work.flatMap((task) => task.requirements.map((requirement) => ({ task: key(task), requirement }))),
  })
  await waitForTasks(tx, state, fresh, key)
  for (const task of work)
    await tx.dialect.indexText(tx, {
      kind: 'task',
      id: key(task),
      title: task.planned.title,
      body: task.planned.description,
    })
  for (const task of plan.cancelled) await cancel(tx, actor, task, planId, accepted)
  // The plan answers what the edit changed; a finished task is no longer in doubt. Claimed ones stay marked for their holder.
  for (const task of plan.kept)
    if (task.stale && task.status === 'done') await updateTask(tx, task.id, { stale: 0, updated_at: now })
  const stranded = await findStranded(tx, plan)
  await appendEvent(tx, {
    at: now,
    type: 'plan.accepted',
    subject: `PLAN-${planId}`,
    prdId: prd.id,
    actor,
    revision: prd.revision,
    payload: {
      created: fresh.length,
      ...(fresh.length > 0 && { first: `TASK-${firstId}`, last: `TASK-${firstId + fresh.length - 1}` }),
      updated: named(work.flatMap((task) => task.updates ?? [])),
      kept: named(plan.kept),
      cancelled: named(plan.cancelled),
      ...(stranded.length > 0 && { stranded: stranded.slice(0, NAMED) }),
    },
  })
  await followWork(tx, prd.id, now)
  return {
    plan: `PLAN-${planId}`,
    created: fresh.map((task) => ({ ref: task.planned.ref, task: `TASK-${key(task)}` })),
    stranded,
  }
}

/** Work on what the text leaves open is blocked with the question as its reason. */
function waitsForAnswer(
  task: ResolvedTask,
  questions: Accepted['questions'],
): { readonly status?: 'blocked'; readonly block_reason?: string } {
  const [first] = task.requirements.flatMap((id) => questions.get(id) ?? [])
  return first === undefined ? {} : { status: 'blocked', block_reason: reasonOf(first) }
}

/** A story of the parent is proven end to end when the tasks that realise its requirements are done. */
async function waitForTasks(
  tx: Tx,
  { stories }: PlanState,
  fresh: readonly ResolvedTask[],
  key: (task: ResolvedTask) => number,
): Promise<void> {
  if (stories.length === 0) return
  const before = new Map(
    stories.map((story) => [
      story.id,
      fresh.filter((task) => task.requirements.some((id) => story.requirements.includes(id))).map(key),
    ]),
  )
  // New tasks may wait for work that itself waits for a story: such an edge would close a circle.
  const edges = Map.groupBy(await listEdgesFrom(tx, [...before.values()].flat()), ({ task }) => task)
  const next = (id: number) => (edges.get(id) ?? []).map(({ dependsOn }) => dependsOn)
  const dependencies = [...before].flatMap(([story, tasks]) =>
    tasks.filter((task) => !reachable([task], next).has(story)).map((task) => ({ task: story, dependsOn: task })),
  )
  await insertTaskLinks(tx, { dependencies, requirements: [] })
  await recountWaiting(tx, [...new Set(dependencies.map(({ task }) => task))])
}

/** How many tasks of the plan wait for nothing: new ones, and updated ones that are to do. */
export function countReady(plan: ResolvedPlan, questions: Accepted['questions']): number {
  return plan.tasks.filter(
    (task) =>
      task.repeats === undefined &&
      (task.updates?.status ?? 'todo') === 'todo' &&
      task.dependsOn.every(isFinished) &&
      !task.requirements.some((id) => questions.has(id)),
  ).length
}

/** Columns of a task that nobody has touched. */
const UNTOUCHED = {
  status: 'todo',
  block_reason: null,
  holder: null,
  holder_session: null,
  lease_hash: null,
  lease_expires_at: null,
  fence: 0,
  revision: 1,
  finished_at: null,
}

function countWaiting(task: ResolvedTask): number {
  return task.dependsOn.filter((dependency) => !isFinished(dependency)).length
}

function isFinished(dependency: Dependency): boolean {
  return 'existing' in dependency && dependency.done
}

/** Tasks outside the plan that wait for one it cancels: nobody will do what they wait for. */
export async function findStranded(reader: Reader, plan: ResolvedPlan): Promise<PlanOutcome['stranded']> {
  const inPlan = new Set([
    ...plan.tasks.flatMap((task) => task.updates?.id ?? []),
    ...plan.cancelled.map(({ id }) => id),
  ])
  const edges = await listOpenDependents(
    reader,
    plan.cancelled.map(({ id }) => id),
  )
  return edges
    .filter((edge) => !inPlan.has(edge.task))
    .map((edge) => ({ task: `TASK-${edge.task}`, waitsFor: `TASK-${edge.dependsOn}` }))
}

async function cancel(
  tx: Tx,
  actor: Actor,
  task: ExistingTask,
  planId: number,
  { prd, state, now }: Accepted,
): Promise<void> {
  const reason = `replaced by PLAN-${planId}`
  await updateTask(tx, task.id, {
    status: 'cancelled',
    block_reason: reason,
    stale: 0,
    updated_at: now,
    finished_at: now,
  })
  await appendEvent(tx, {
    at: now,
    type: 'task.cancelled',
    subject: `TASK-${task.id}`,
    prdId: prd.id,
    repositoryId: state.repositoryIds.get(task.repository),
    actor,
    revision: (state.tasks.get(task.id)?.revision ?? 0) + 1,
    payload: { from: task.status, to: 'cancelled', reason },
  })
}

function named(tasks: readonly ExistingTask[]): Record<string, unknown> {
  return { count: tasks.length, tasks: tasks.slice(0, NAMED).map(({ id }) => `TASK-${id}`) }
}
