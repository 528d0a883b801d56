import { actorOf, type Principal } from '../../../schemas/actor.ts'
import type { CriterionAnswer, Evidence, Validation } from '../../../schemas/evidence.ts'
import { keyNumber, taskKey, validationKey } from '../../../schemas/key.ts'
import { SpekiError } from '../../errors.ts'
import { BLANK, hint, step } from '../../step.ts'
import type { Reader, Tx } from '../../store/database.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { findEvidence, findLatestValidation, insertEvidence, insertValidation } from '../../store/task/proof.ts'
import type { TaskRecord } from '../../store/task/tasks.ts'
import { followWork } from '../prd/transition.ts'
import { consult, type Request, type Service, transact } from '../service.ts'
import { getTask } from './claim.ts'
import { holdLease } from './lease.ts'
import { lostItsCriteria } from './measure.ts'
import { closeTask, tellOfTask } from './transition.ts'

/** Stores what a run of the checks showed; only the holder's runs count. */
export async function recordValidation(
  service: Service,
  caller: Principal,
  taskId: number,
  token: string,
  outcome: Omit<Validation, 'id' | 'task' | 'fence' | 'at'>,
): Promise<Validation> {
  return await transact(service, caller, 'task.validate', async (tx, now) => {
    const task = await getTask(tx, taskId)
    await holdLease(tx, caller, task, token, now)
    const id = await reserveNumbers(tx, 'validation')
    const validation = { ...outcome, fence: task.fence, at: now }
    await insertValidation(tx, id, taskId, validation)
    await tellOfTask(tx, { actor: actorOf(caller), now }, task, {
      type: 'task.validated',
      payload: {
        validation: validationKey(id),
        passed: outcome.passed,
        tree: outcome.treeHash,
        checks: outcome.checks.map(({ kind, status, exitCode, durationMs }) => ({
          kind,
          status,
          exitCode,
          durationMs,
        })),
      },
    })
    return { ...validation, id: validationKey(id), task: taskKey(taskId) }
  })
}

/** Keeps a lease alive while its holder is busy; throws where it is over. */
export async function keepLease(service: Service, caller: Principal, taskId: number, token: string): Promise<void> {
  await transact(
    service,
    caller,
    'task.validate',
    async (tx, now) => await holdLease(tx, caller, await getTask(tx, taskId), token, now),
  )
}

/** The validation that a completion now would rest on. */
export async function findProof(service: Service, caller: Principal, taskId: number): Promise<Validation | undefined> {
  return await consult(service, caller, 'task.read', async (reader) =>
    findLatestValidation(reader, taskId, (await getTask(reader, taskId)).fence),
  )
}

export interface Completion {
  readonly taskId: number
  readonly token: string
  readonly answers: readonly CriterionAnswer[]
  readonly summary: string
  /** Hash of the worktree as it is now; undefined where it cannot be read. */
  readonly treeHash: string | undefined
}

export interface Completed {
  readonly evidence: Evidence
  /** Tasks that can start now. */
  readonly readied: { readonly total: number; readonly tasks: readonly string[] }
}

/** Closes a task if the gate holds; otherwise throws with everything that is missing, and nothing changes. */
export async function completeTask(
  service: Service,
  caller: Principal,
  completion: Completion,
  request?: Request,
): Promise<Completed> {
  return await transact(
    service,
    caller,
    'task.complete',
    async (tx, now) => await completeIn(tx, caller, completion, now),
    request,
  )
}

/** Throws what `completeTask` would, and changes nothing. */
export async function checkCompletion(service: Service, caller: Principal, completion: Completion): Promise<void> {
  await consult(service, caller, 'task.read', async (reader) => {
    const task = await getTask(reader, completion.taskId)
    await refuseUnproven(reader, task, await findLatestValidation(reader, task.id, task.fence), completion)
  })
}

async function refuseUnproven(
  reader: Reader,
  task: TaskRecord,
  validation: Validation | undefined,
  completion: Completion,
): Promise<void> {
  const key = taskKey(task.id)
  if (await lostItsCriteria(reader, task))
    throw new SpekiError(
      'precondition_failed',
      `${key} has lost its acceptance criteria, so nothing says when it is done.`,
      {
        hint: `A person gives it some, or closes it: speki task update ${key} --acceptance-criteria "…", speki task override ${key} --reason "…"`,
      },
    )
  const unproven = missingProof(validation, completion.treeHash)
  const missing = [...unproven, ...missingAnswers(task, completion.answers)]
  if (missing.length === 0) return
  const validate = step('task_validate', { task: key, lease_token: BLANK })
  const complete = step('task_complete', { task: key, lease_token: BLANK, evidence: BLANK })
  throw new SpekiError('precondition_failed', `${key} is not done: ${missing.join(' ')} Nothing was changed.`, {
    hint:
      unproven.length > 0
        ? hint`Mend that, run ${validate} in the same worktree, then ${complete} with one answer for each criterion.`
        : hint`Answer each criterion by its number: ${complete}.`,
    details: { missing },
  })
}

/** The same inside a transaction that stores more with it. */
export async function completeIn(tx: Tx, caller: Principal, completion: Completion, now: number): Promise<Completed> {
  const task = await getTask(tx, completion.taskId)
  await holdLease(tx, caller, task, completion.token, now)
  const validation = await findLatestValidation(tx, task.id, task.fence)
  await refuseUnproven(tx, task, validation, completion)
  const validationId = validation && keyNumber(validation.id)
  return await close(tx, caller, task, { ...completion, validationId, overrideReason: undefined }, now)
}

/** A person closes a task without proof; the reason stays with it. */
export async function overrideCompletion(
  service: Service,
  caller: Principal,
  taskId: number,
  reason: string,
): Promise<Completed> {
  return await transact(service, caller, 'task.override', async (tx, now) => {
    const task = await getTask(tx, taskId)
    if (task.status === 'done' || task.status === 'cancelled') {
      throw new SpekiError('precondition_failed', `${taskKey(taskId)} is already ${task.status}.`, {
        hint: hint`Reopen it first if it should be done again: ${step('task_update', { task: taskKey(taskId), revision: task.revision, status: 'todo' })}.`,
      })
    }
    return await close(
      tx,
      caller,
      task,
      { answers: [], summary: reason, validationId: undefined, overrideReason: reason },
      now,
    )
  })
}

interface Closing {
  readonly answers: readonly CriterionAnswer[]
  readonly summary: string
  readonly validationId: number | undefined
  readonly overrideReason: string | undefined
}

async function close(tx: Tx, caller: Principal, task: TaskRecord, closing: Closing, now: number): Promise<Completed> {
  await insertEvidence(tx, { taskId: task.id, ...closing, actor: actorOf(caller), at: now })
  const { summary, validationId, overrideReason: reason } = closing
  const readied = await closeTask(tx, { actor: actorOf(caller), now }, task, {
    type: reason === undefined ? 'task.completed' : 'task.overridden',
    summary,
    ...(validationId !== undefined && { validation: validationKey(validationId) }),
    ...(reason !== undefined && { reason }),
  })
  await followWork(tx, task.prdId, now)
  const evidence = await findEvidence(tx, task.id)
  if (evidence === undefined) throw new SpekiError('internal', `The evidence of ${taskKey(task.id)} was not stored.`)
  return { evidence, readied: { total: readied.total, tasks: readied.ids.map((id) => taskKey(id)) } }
}

function missingProof(validation: Validation | undefined, treeHash: string | undefined): readonly string[] {
  if (validation === undefined) return ['No checks ran under this claim.']
  const missing: string[] = []
  for (const check of validation.checks) {
    if (check.status !== 'passed' && check.excused === undefined)
      missing.push(
        `The ${check.kind} check (${check.argv.join(' ')}) ${check.status.replace('_', ' ')}${check.firstError === undefined ? '' : `: ${check.firstError}`}.`,
      )
  }
  missing.push(...validation.findings)
  if (validation.base === undefined) missing.push('The work was not judged over what stood there at the claim.')
  else if (validation.checks.length === 0 && validation.findings.length > 0) return missing
  if (validation.checks.length === 0)
    missing.push(
      'The repository has no check commands, so nothing can be proven; a person sets them with: speki repository commands.',
    )
  else if (!validation.complete) missing.push('Only some of the checks ran; all of them have to.')
  if (treeHash === undefined) missing.push(`The worktree ${validation.worktree} cannot be read.`)
  else if (treeHash !== validation.treeHash)
    missing.push(
      'Files changed while or after the checks ran. If the checks write files themselves, ignore those in .gitignore.',
    )
  return missing
}

function missingAnswers(task: TaskRecord, answers: readonly CriterionAnswer[]): readonly string[] {
  const missing: string[] = []
  for (const [index, text] of task.acceptanceCriteria.entries()) {
    const given = answers.filter((answer) => answer.criterion === index + 1)
    if (given.length === 0) missing.push(`Criterion ${index + 1} ("${text}") has no answer.`)
    else if (given.some((answer) => !answer.met))
      missing.push(`Criterion ${index + 1} ("${text}") is answered as not met.`)
  }
  for (const answer of answers) {
    if (answer.criterion > task.acceptanceCriteria.length)
      missing.push(`There is no criterion ${answer.criterion}; the task has ${task.acceptanceCriteria.length}.`)
  }
  return missing
}
