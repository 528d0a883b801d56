import type { Actor } from '../../../schemas/actor.ts'
import type { Cause } from '../../../schemas/cause.ts'
import { wordCause } from '../../../schemas/cause.ts'
import { planKey, taskKey } from '../../../schemas/key.ts'
import type { TaskStatus } from '../../../schemas/task.ts'
import type { Tx } from '../../store/database.ts'
import { appendEvent, appendEvents, type EventContent, type EventDraft } from '../../store/events.ts'
import { listHolderSessions } from '../../store/task/leases.ts'
import { listReadied } from '../../store/task/task-links.ts'
import {
  insertTasks,
  type Lease,
  type NewTask,
  setDependencies,
  setTaskRequirements,
  shiftDependents,
  type TaskWrite,
  updateTask,
} from '../../store/task/task-rows.ts'
import { findTasks, listExpired, listHeldBy, type TaskRecord } from '../../store/task/tasks.ts'
import type { MovedStatus } from './status.ts'

/**
 * The one door to the rows of tasks: each function writes row, edges, waiting counters, search index and one event for
 * each revision. Rules about who may do what, and when, stand with the callers.
 */

/** Who changes something, and when. */
export interface Doer {
  readonly actor: Actor
  readonly now: number
}

type TaskEvent = Extract<EventContent, { readonly type: `task.${string}` }>

/** A task that is about to be stored, with its links; these may lead to others of the same list. */
export interface TaskEntry extends NewTask {
  readonly dependsOn: readonly number[]
  readonly requirements: readonly number[]
}

/** Stores tasks with their links; `tell` says how each came to be. */
export async function enterTasks(
  tx: Tx,
  { actor, now }: Doer,
  entries: readonly TaskEntry[],
  tell: (entry: TaskEntry) => TaskEvent,
): Promise<void> {
  const ids = entries.map(({ id }) => id)
  await insertTasks(tx, entries)
  await setTaskRequirements(tx, ids, tracesOf(entries))
  await setDependencies(tx, ids, edgesOf(entries))
  for (const { id, title, description } of entries)
    await tx.dialect.indexText(tx, { kind: 'task', id, title, body: description })
  await appendEvents(
    tx,
    entries.map(
      (entry): EventDraft => ({
        at: now,
        subject: taskKey(entry.id),
        prdId: entry.prdId,
        repositoryId: entry.repositoryId,
        actor,
        revision: 1,
        ...tell(entry),
      }),
    ),
  )
}

/** What changes of a task that is there. */
export interface TaskAlteration extends TaskWrite {
  /** Replaces all of them. */
  readonly dependsOn?: readonly number[] | undefined
  readonly requirements?: readonly number[] | undefined
}

/** Writes one revision of a task and tells of it. */
async function alter(
  tx: Tx,
  { actor, now }: Doer,
  task: TaskRecord,
  alteration: TaskAlteration,
  event: TaskEvent,
): Promise<void> {
  await writeRow(tx, now, task, alteration)
  await appendEvent(tx, { ...head(task, actor, now), revision: task.revision + 1, ...event })
}

async function writeRow(
  tx: Tx,
  now: number,
  task: TaskRecord,
  { dependsOn, requirements, ...write }: TaskAlteration,
): Promise<void> {
  await updateTask(tx, task.id, write, now)
  if (requirements !== undefined) await setTaskRequirements(tx, [task.id], tracesOf([{ id: task.id, requirements }]))
  if (dependsOn !== undefined) await setDependencies(tx, [task.id], edgesOf([{ id: task.id, dependsOn }]))
  const done = (write.status ?? task.status) === 'done'
  if (done !== (task.status === 'done')) await shiftDependents(tx, task.id, done ? -1 : 1)
  if (write.title !== undefined || write.description !== undefined)
    await tx.dialect.indexText(tx, {
      kind: 'task',
      id: task.id,
      title: write.title ?? task.title,
      body: write.description ?? task.description,
    })
}

/** An event that leaves the row as it is. */
export async function tellOfTask(tx: Tx, { actor, now }: Doer, task: TaskRecord, event: TaskEvent): Promise<void> {
  await appendEvent(tx, { ...head(task, actor, now), revision: task.revision, ...event })
}

function head(task: TaskRecord, actor: Actor, now: number) {
  return { at: now, subject: taskKey(task.id), prdId: task.prdId, repositoryId: task.repositoryId, actor }
}

export async function claimRow(tx: Tx, doer: Doer, task: TaskRecord, lease: Lease, fence: number): Promise<void> {
  await alter(
    tx,
    doer,
    task,
    { status: 'in_progress', lease, fence, cause: null },
    { type: 'task.claimed', payload: { fence, title: task.title } },
  )
}

/** The claim stays what it was, so what was proven under it counts; only its holder is another. */
export async function handOver(tx: Tx, doer: Doer, task: TaskRecord, lease: Lease, from: string): Promise<void> {
  const payload = { fence: task.fence, holder: lease.holder, from }
  await alter(tx, doer, task, { lease }, { type: 'task.lease_inherited', payload })
}

/** Frees every task whose lease ran out: it is to do again, its history kept. */
export async function freeExpired(tx: Tx, now: number): Promise<void> {
  for (const task of await listExpired(tx, now)) await freeLease(tx, now, task, {})
}

/** Frees every task whose holder is known to be gone, without waiting for its lease to run out. */
export async function freeGone(tx: Tx, now: number, isGone: (session: string) => boolean): Promise<void> {
  for (const session of (await listHolderSessions(tx)).filter((each) => isGone(each)))
    for (const task of await findTasks(tx, await listHeldBy(tx, session)))
      await freeLease(tx, now, task, { gone: true, expiredAt: now })
}

async function freeLease(
  tx: Tx,
  now: number,
  task: TaskRecord,
  how: { readonly gone?: true; readonly expiredAt?: number },
): Promise<void> {
  const { holder = 'unknown', fence, leaseExpiresAt = now } = task
  await alter(
    tx,
    { actor: { kind: 'system', name: 'speki' }, now },
    task,
    { status: 'todo', lease: null },
    { type: 'task.lease_expired', payload: { holder, fence, expiredAt: leaseExpiresAt, ...how } },
  )
}

type MovePayload = Extract<TaskEvent, { readonly type: 'task.blocked' }>['payload']

/** Takes a task to another status, in nobody's hands; with `alteration` its fields change in the same revision. */
export async function moveTask(
  tx: Tx,
  doer: Doer,
  task: TaskRecord,
  move: { readonly to: MovedStatus; readonly cause?: Cause | undefined; readonly finishedAt?: number | undefined },
  alteration: TaskAlteration = {},
  more: Partial<MovePayload> = {},
): Promise<void> {
  const { to } = move
  const cause = to === 'todo' ? undefined : move.cause
  const reason = cause && wordCause(cause)
  await alter(
    tx,
    doer,
    task,
    {
      ...alteration,
      status: to,
      lease: null,
      cause: cause ?? null,
      finishedAt: to === 'cancelled' ? (move.finishedAt ?? doer.now) : null,
    },
    {
      type: `task.${moveName(task.status, to)}`,
      payload: {
        ...more,
        from: task.status,
        to,
        ...(reason !== undefined && { reason }),
        ...(cause !== undefined && { cause }),
      },
    },
  )
}

function moveName(from: TaskStatus, to: MovedStatus) {
  if (to !== 'todo') return to
  return from === 'in_progress' ? 'released' : 'reopened'
}

/** Changes fields and links, and nothing about who works on it. */
export async function editTask(
  tx: Tx,
  doer: Doer,
  task: TaskRecord,
  alteration: Omit<TaskAlteration, 'status' | 'lease' | 'fence' | 'finishedAt'>,
  payload: Extract<TaskEvent, { readonly type: 'task.updated' }>['payload'],
): Promise<void> {
  await alter(tx, doer, task, alteration, { type: 'task.updated', payload })
}

/** How many of the tasks that became ready are named. */
const NAMED = 20

/** Closes a task; its dependents wait for one thing less. Says which can start now. */
export async function closeTask(
  tx: Tx,
  { actor, now }: Doer,
  task: TaskRecord,
  closing: {
    readonly type: 'task.completed' | 'task.overridden'
    readonly summary: string
    readonly validation?: string | undefined
    readonly reason?: string | undefined
    readonly finishedAt?: number | undefined
  },
  alteration: TaskAlteration = {},
): Promise<{ readonly ids: readonly number[]; readonly total: number }> {
  const { type, finishedAt = now, ...payload } = closing
  await writeRow(tx, now, task, { ...alteration, status: 'done', lease: null, cause: null, finishedAt })
  const readied = await listReadied(tx, task.id, NAMED)
  await appendEvent(tx, {
    ...head(task, actor, now),
    revision: task.revision + 1,
    type,
    payload: { ...payload, readied: readied.total },
  })
  return readied
}

/** Marks a task whose PRD changed in a way that touches it. */
export async function markStale(tx: Tx, doer: Doer, task: TaskRecord, requirements: readonly number[]): Promise<void> {
  await alter(tx, doer, task, { stale: true }, { type: 'task.stale', payload: { requirements } })
}

/** A plan keeps a task as it is: what the edit changed is answered. */
export async function keepTask(tx: Tx, doer: Doer, task: TaskRecord, planId: number): Promise<void> {
  await alter(tx, doer, task, { stale: false }, { type: 'task.kept', payload: { plan: planKey(planId) } })
}

function tracesOf(tasks: readonly { readonly id: number; readonly requirements: readonly number[] }[]) {
  return tasks.flatMap(({ id, requirements }) =>
    [...new Set(requirements)].map((requirement) => ({ task: id, requirement })),
  )
}

function edgesOf(tasks: readonly { readonly id: number; readonly dependsOn: readonly number[] }[]) {
  return tasks.flatMap(({ id, dependsOn }) => [...new Set(dependsOn)].map((on) => ({ task: id, dependsOn: on })))
}
