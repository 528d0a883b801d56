import type { Actor } from '../../schemas/actor.ts'
import type { BundleTask } from '../../schemas/bundle.ts'
import { prdKey, taskKey } from '../../schemas/key.ts'
import { SpekiError } from '../errors.ts'
import type { Tx } from '../store/database.ts'
import { appendEvent } from '../store/events.ts'
import { reserveNumbers } from '../store/keys.ts'
import { insertTaskLinks, insertTasks } from '../store/prd/plans.ts'
import { insertEvidence } from '../store/task/proof.ts'
import { insertNotes, setDependencies, setTaskRequirements } from '../store/task/task-links.ts'
import { lastPosition, updateTask } from '../store/task/tasks.ts'
import type { Application, Keys } from './application.ts'
import type { TaskUpdate } from './plan-import.ts'

/** Stores tasks that are not here yet, as they are where they come from. */
export async function writeNewTasks(tx: Tx, input: Application, keys: Keys): Promise<void> {
  const { actor, now, title } = input
  const { newTasks } = input.plan
  if (newTasks.length === 0) return
  const first = await reserveNumbers(tx, 'task', newTasks.length)
  for (const [index, task] of newTasks.entries()) keys.tasks.set(task.ref, first + index)
  const position = (await lastPosition(tx)) + 1
  await insertTasks(
    tx,
    newTasks.map((task, index) => {
      const repository = input.repositoryOf(task.repository)
      if (repository === undefined) throw noRepository(task)
      const created = task.created_at ?? now
      return {
        id: first + index,
        alias: task.alias ?? null,
        title: task.title,
        description: task.description.trim(),
        repository_id: repository,
        prd_id: task.prd === undefined ? null : (keys.prds.get(task.prd) ?? null),
        plan_id: null,
        prd_revision: null,
        stale: 0,
        status: task.status === 'in_progress' ? 'todo' : task.status,
        waiting_on: 0,
        criteria: JSON.stringify(task.criteria),
        test_cases: JSON.stringify(task.test_cases),
        complexity: task.complexity,
        priority: task.priority,
        position: position + index,
        context: JSON.stringify(task.context),
        block_reason: task.block_reason ?? null,
        holder: null,
        holder_session: null,
        lease_hash: null,
        lease_expires_at: null,
        fence: 0,
        revision: 1,
        created_at: created,
        updated_at: task.updated_at ?? created,
        finished_at:
          task.status === 'done' || task.status === 'cancelled'
            ? (task.finished_at ?? task.updated_at ?? created)
            : null,
      }
    }),
  )
  const idOf = (ref: string) => keys.tasks.get(ref) ?? 0
  await insertTaskLinks(tx, {
    dependencies: newTasks.flatMap((task) =>
      [...new Set(task.depends_on)].map((ref) => ({ task: idOf(task.ref), dependsOn: idOf(ref) })),
    ),
    requirements: newTasks.flatMap((task) =>
      [...new Set(keys.requirementOf(task))].map((requirement) => ({ task: idOf(task.ref), requirement })),
    ),
  })
  await insertNotes(
    tx,
    newTasks.flatMap((task) =>
      task.notes.map(({ text, by, at }) => ({
        task: idOf(task.ref),
        text,
        actor: { kind: 'system' as const, name: by ?? title },
        at: at ?? task.updated_at ?? now,
      })),
    ),
  )
  for (const task of newTasks) {
    const id = idOf(task.ref)
    await tx.dialect.indexText(tx, { kind: 'task', id, title: task.title, body: task.description })
    if (task.status === 'done') await noteDone(tx, id, title, actor, task.finished_at ?? now)
  }
  const byPrd = Map.groupBy(newTasks, (task) => task.prd)
  for (const [ref, members] of byPrd) {
    const prdId = ref === undefined ? undefined : keys.prds.get(ref)
    await appendEvent(tx, {
      at: now,
      type: 'task.imported',
      subject: prdId === undefined ? 'workspace' : prdKey(prdId),
      prdId,
      actor,
      payload: {
        from: title,
        count: members.length,
        first: taskKey(idOf(members[0]?.ref ?? '')),
        last: taskKey(idOf(members.at(-1)?.ref ?? '')),
      },
    })
  }
}

/** Nobody proved it here: that is said where its proof would stand. */
async function noteDone(tx: Tx, taskId: number, title: string, actor: Actor, at: number): Promise<void> {
  await insertEvidence(tx, {
    taskId,
    validationId: undefined,
    answers: [],
    summary: `Done in ${title} before it was imported.`,
    overrideReason: `imported as done from ${title}`,
    actor,
    at,
  })
}

function noRepository(task: BundleTask): SpekiError {
  return new SpekiError(
    'precondition_failed',
    `Task ${task.ref} names no repository${task.repository === undefined ? '' : ` that is registered ("${task.repository}")`}, and what is imported lies in none. Nothing was imported.`,
    {
      hint: 'Register it with repository_register, or import again with repository="…".',
    },
  )
}

/** Takes over what changed of tasks that are here. */
export async function writeChangedTasks(tx: Tx, input: Application, keys: Keys): Promise<void> {
  const { actor, now, title } = input
  for (const update of input.plan.changedTasks) {
    const { record, fields, task } = update
    await updateTask(tx, record.id, columnsOf(update, now))
    if (fields.depends_on !== undefined)
      await setDependencies(
        tx,
        record.id,
        fields.depends_on.flatMap((ref) => keys.tasks.get(ref) ?? []),
      )
    if (fields.requirements !== undefined)
      await setTaskRequirements(tx, record.id, keys.requirementOf({ ...task, requirements: fields.requirements }))
    if (fields.title !== undefined || fields.description !== undefined)
      await tx.dialect.indexText(tx, { kind: 'task', id: record.id, title: task.title, body: task.description })
    if (fields.status === 'done') await noteDone(tx, record.id, title, actor, task.finished_at ?? now)
    await appendEvent(tx, {
      at: now,
      type: 'task.updated',
      subject: taskKey(record.id),
      prdId: record.prdId,
      repositoryId: record.repositoryId,
      actor,
      revision: record.revision + 1,
      payload: { from: title, fields: Object.keys(fields) },
    })
  }
}

function columnsOf({ fields, task }: TaskUpdate, now: number) {
  const { status } = fields
  return {
    ...(fields.title !== undefined && { title: fields.title }),
    ...(fields.description !== undefined && { description: fields.description.trim() }),
    ...(fields.criteria !== undefined && { criteria: JSON.stringify(fields.criteria) }),
    ...(fields.test_cases !== undefined && { test_cases: JSON.stringify(fields.test_cases) }),
    ...(fields.complexity !== undefined && { complexity: fields.complexity }),
    ...(fields.priority !== undefined && { priority: fields.priority }),
    ...(fields.context !== undefined && { context: JSON.stringify(fields.context) }),
    ...('block_reason' in fields && { block_reason: fields.block_reason ?? null }),
    ...(status !== undefined && {
      status,
      finished_at: status === 'done' || status === 'cancelled' ? (task.finished_at ?? now) : null,
    }),
    updated_at: now,
  }
}
