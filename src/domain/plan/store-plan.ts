import type { Actor } from '../../../schemas/actor.ts'
import { planKey, taskKey } from '../../../schemas/key.ts'
import { taskFieldsOf } from '../../../schemas/task.ts'
import { reachable } from '../../graph.ts'
import type { Reader, Tx } from '../../store/database.ts'
import { appendEvent } from '../../store/events.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { insertPlan } from '../../store/prd/plans.ts'
import type { PrdRecord } from '../../store/prd/prds.ts'
import { listDependencies, listEdgesFrom, listOpenDependents } from '../../store/task/task-links.ts'
import { lastPosition } from '../../store/task/tasks.ts'
import { followWork } from '../prd/transition.ts'
import { getTask } from '../task/claim.ts'
import { type Doer, editTask, enterTasks, keepTask, moveTask } from '../task/transition.ts'
import type { ExistingTask, PlanState } from './context.ts'
import { type QuestionsByRequirement, questionAbout } from './open-questions.ts'
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
  readonly questions: QuestionsByRequirement
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
  const contentOf = (task: ResolvedTask) => ({
    ...taskFieldsOf(task.planned),
    repositoryId: state.repositoryIds.get(task.repository) ?? 0,
    planId,
    prdRevision: prd.revision,
    position: place.get(task) ?? start,
    requirements: task.requirements,
    dependsOn: task.dependsOn.map((dependency) =>
      'existing' in dependency ? dependency.existing : (idAt(dependency.planned) ?? 0),
    ),
  })
  const doer = { actor, now }
  await enterTasks(
    tx,
    doer,
    fresh.map((task) => {
      const cause = questionAbout(task.requirements, accepted.questions)
      return {
        ...contentOf(task),
        id: key(task),
        alias: task.planned.ref,
        prdId: prd.id,
        createdAt: now,
        updatedAt: now,
        ...(cause !== undefined && { status: 'blocked', cause }),
      }
    }),
    ({ title, status, cause }) => ({
      type: 'task.created',
      payload: {
        title,
        plan: planKey(planId),
        ...(status !== undefined && { status }),
        ...(cause !== undefined && { cause }),
      },
    }),
  )
  for (const task of work) {
    const record = task.updates && state.tasks.get(task.updates.id)
    if (record === undefined) continue
    await editTask(tx, doer, record, { ...contentOf(task), stale: false }, { plan: planKey(planId) })
    await followQuestions(tx, doer, record.id, task, accepted.questions)
  }
  await waitForTasks(tx, doer, state, fresh, key)
  for (const { id } of plan.cancelled) {
    const record = state.tasks.get(id)
    if (record === undefined) continue
    const move = { to: 'cancelled', cause: { kind: 'plan', plan: planId } } as const
    await moveTask(tx, doer, record, move, { stale: false })
  }
  // The plan answers what the edit changed; a finished task is no longer in doubt. Claimed ones stay marked for their holder.
  for (const { id, stale, status } of plan.kept) {
    const record = state.tasks.get(id)
    if (record !== undefined && stale && status === 'done') await keepTask(tx, doer, record, planId)
  }
  const stranded = await findStranded(tx, plan)
  await appendEvent(tx, {
    at: now,
    type: 'plan.accepted',
    subject: planKey(planId),
    prdId: prd.id,
    actor,
    revision: prd.revision,
    payload: {
      created: fresh.length,
      ...(fresh.length > 0 && { first: taskKey(firstId), last: taskKey(firstId + fresh.length - 1) }),
      updated: named(work.flatMap((task) => task.updates ?? [])),
      kept: named(plan.kept),
      cancelled: named(plan.cancelled),
      ...(stranded.length > 0 && { stranded: stranded.slice(0, NAMED) }),
    },
  })
  await followWork(tx, prd.id, now)
  return {
    plan: planKey(planId),
    created: fresh.map((task) => ({ ref: task.planned.ref, task: taskKey(key(task)) })),
    stranded,
  }
}

/** A task that is to do waits for what the text leaves open about it; one that waited for an answer and needs none goes on. */
async function followQuestions(
  tx: Tx,
  doer: Doer,
  id: number,
  task: ResolvedTask,
  questions: QuestionsByRequirement,
): Promise<void> {
  const record = await getTask(tx, id)
  const cause = questionAbout(task.requirements, questions)
  if (cause !== undefined && record.status === 'todo') await moveTask(tx, doer, record, { to: 'blocked', cause })
  if (cause === undefined && record.cause?.kind === 'open_question') await moveTask(tx, doer, record, { to: 'todo' })
}

/** A story of the parent is proven end to end when the tasks that realise its requirements are done. */
async function waitForTasks(
  tx: Tx,
  doer: Doer,
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
  for (const [story, tasks] of before) {
    const added = tasks.filter((task) => !reachable([task], next).has(story))
    if (added.length === 0) continue
    const dependsOn = [...(await listDependencies(tx, story)), ...added]
    await editTask(tx, doer, await getTask(tx, story), { dependsOn }, { dependsOn })
  }
}

/** How many tasks of the plan wait for nothing: new ones, and updated ones that are to do. */
export function countReady(plan: ResolvedPlan, questions: QuestionsByRequirement): number {
  return plan.tasks.filter(
    (task) =>
      task.repeats === undefined &&
      (task.updates?.status ?? 'todo') === 'todo' &&
      task.dependsOn.every(isFinished) &&
      !task.requirements.some((id) => questions.has(id)),
  ).length
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
    .map((edge) => ({ task: taskKey(edge.task), waitsFor: taskKey(edge.dependsOn) }))
}

function named(tasks: readonly ExistingTask[]) {
  return { count: tasks.length, tasks: tasks.slice(0, NAMED).map(({ id }) => taskKey(id)) }
}
