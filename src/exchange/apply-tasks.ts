import type { Actor } from '../../schemas/actor.ts'
import type { BundleTask } from '../../schemas/bundle.ts'
import { type Cause, wordCause } from '../../schemas/cause.ts'
import { taskFieldsOf } from '../../schemas/task.ts'
import { type QuestionsByRequirement, questionAbout, questionsByRequirement } from '../domain/plan/open-questions.ts'
import { closeTask, editTask, enterTasks, moveTask, type TaskAlteration } from '../domain/task/transition.ts'
import { SpekiError } from '../errors.ts'
import { extraction } from '../reading/readings.ts'
import { BLANK, hint, step } from '../step.ts'
import type { Tx } from '../store/database.ts'
import { reserveNumbers } from '../store/keys.ts'
import { findPrd, findPrdBody } from '../store/prd/prds.ts'
import { listRequirements } from '../store/prd/requirements.ts'
import { insertEvidence } from '../store/task/proof.ts'
import { insertNotes, listDependenciesOf } from '../store/task/task-links.ts'
import { lastPosition } from '../store/task/tasks.ts'
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
  const idOf = (ref: string) => keys.tasks.get(ref) ?? 0
  const questionOf = await questionFinder(tx, newTasks, keys)
  const entries = newTasks.map((task, index) => {
    const repositoryId = input.repositoryOf(task.repository)
    if (repositoryId === undefined) throw noRepository(task)
    const createdAt = task.created_at ?? now
    const over = task.status === 'done' || task.status === 'cancelled'
    const finishedAt = over ? (task.finished_at ?? task.updated_at ?? createdAt) : undefined
    return {
      ...taskFieldsOf(task),
      id: first + index,
      alias: task.alias,
      description: task.description.trim(),
      repositoryId,
      prdId: task.prd === undefined ? undefined : keys.prds.get(task.prd),
      status: task.status === 'in_progress' ? ('todo' as const) : task.status,
      position: position + index,
      cause: questionOf(task) ?? causeOf(task.block_reason, title),
      createdAt,
      updatedAt: task.updated_at ?? createdAt,
      finishedAt,
      dependsOn: task.depends_on.map(idOf),
      requirements: keys.requirementOf(task),
    }
  })
  await enterTasks(tx, { actor, now }, entries, ({ title: name, status = 'todo', cause }) => ({
    type: 'task.imported',
    payload: { from: title, title: name, status, ...(cause !== undefined && { cause }) },
  }))
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
  for (const task of newTasks)
    if (task.status === 'done') await noteDone(tx, idOf(task.ref), title, actor, task.finished_at ?? now)
}

function causeOf(reason: string | undefined, from: string): Cause | undefined {
  return reason === undefined ? undefined : { kind: 'import', from, reason }
}

/** What another workspace blocked for a question of the text is blocked for it here too, and is freed by its answer. */
async function questionFinder(tx: Tx, tasks: readonly BundleTask[], keys: Keys) {
  const open = new Map<string, QuestionsByRequirement>()
  for (const ref of new Set(tasks.flatMap(({ prd, status }) => (status === 'blocked' && prd ? [prd] : [])))) {
    const id = keys.prds.get(ref) ?? 0
    const prd = await findPrd(tx, id)
    const body = prd && (await findPrdBody(tx, id, prd.revision))
    const { questions } = extraction.now({ text: body ?? '' })
    open.set(ref, questionsByRequirement(questions, await listRequirements(tx, id)))
  }
  return (task: BundleTask): Cause | undefined => {
    if (task.status !== 'blocked' || task.prd === undefined) return undefined
    const cause = questionAbout(keys.requirementOf(task), open.get(task.prd) ?? new Map())
    return cause !== undefined && wordCause(cause) === task.block_reason ? cause : undefined
  }
}

const doneIn = (title: string) => `Done in ${title} before it was imported.`
const importedAsDone = (title: string) => `imported as done from ${title}`

/** Nobody proved it here: that is said where its proof would stand. */
async function noteDone(tx: Tx, taskId: number, title: string, actor: Actor, at: number): Promise<void> {
  await insertEvidence(tx, {
    taskId,
    validationId: undefined,
    answers: [],
    summary: doneIn(title),
    overrideReason: importedAsDone(title),
    actor,
    at,
  })
}

function noRepository(task: BundleTask): SpekiError {
  return new SpekiError(
    'precondition_failed',
    `Task ${task.ref} names no repository${task.repository === undefined ? '' : ` that is registered ("${task.repository}")`}, and what is imported lies in none. Nothing was imported.`,
    {
      hint: hint`Register it with ${step('repository_register', { path: BLANK })}, or import again with ${step('prd_import', { path: BLANK, repository: BLANK })}.`,
    },
  )
}

/** Takes over what changed of tasks that are here. */
export async function writeChangedTasks(tx: Tx, input: Application, keys: Keys): Promise<void> {
  const { actor, now, title } = input
  const doer = { actor, now }
  const { changedTasks } = input.plan
  const edges = await listDependenciesOf(
    tx,
    changedTasks.map(({ record }) => record.id),
  )
  // What is elsewhere knows nothing of these.
  const ownEdges = Map.groupBy(
    edges.filter(({ dependsOn }) => !input.local.linkedTasks.has(dependsOn)),
    (edge) => edge.task,
  )
  for (const { record, fields, task } of changedTasks) {
    const { status, block_reason: reason } = fields
    const alteration = alterationOf(
      fields,
      task,
      keys,
      ownEdges.get(record.id)?.map(({ dependsOn }) => dependsOn) ?? [],
    )
    const finishedAt = task.finished_at ?? now
    if (status === 'done') {
      await noteDone(tx, record.id, title, actor, finishedAt)
      const closing = {
        type: 'task.overridden',
        summary: doneIn(title),
        reason: importedAsDone(title),
        finishedAt,
      } as const
      await closeTask(tx, doer, record, closing, alteration)
      continue
    }
    const cause = 'block_reason' in fields ? causeOf(reason, title) : record.cause
    if (status !== undefined && status !== 'in_progress')
      await moveTask(tx, doer, record, { to: status, cause, finishedAt }, alteration, { importedFrom: title })
    else
      await editTask(
        tx,
        doer,
        record,
        { ...alteration, ...('block_reason' in fields && { cause: cause ?? null }) },
        { from: title, fields: Object.keys(fields) },
      )
  }
}

function alterationOf(
  fields: TaskUpdate['fields'],
  task: BundleTask,
  keys: Keys,
  ownDependencies: readonly number[],
): TaskAlteration {
  const { depends_on: dependsOn, requirements } = fields
  return {
    title: fields.title,
    description: fields.description?.trim(),
    acceptanceCriteria: fields.acceptance_criteria,
    testCases: fields.test_cases,
    complexity: fields.complexity,
    priority: fields.priority,
    context: fields.context,
    dependsOn: dependsOn && [...ownDependencies, ...dependsOn.flatMap((ref) => keys.tasks.get(ref) ?? [])],
    requirements: requirements && keys.requirementOf({ ...task, requirements }),
  }
}
