import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Principal } from '../../../schemas/actor.ts'
import { taskKey } from '../../../schemas/key.ts'
import type { DiagnosticReport } from '../../../schemas/run.ts'
import { beginOwnAttempt, findOwnAttempt } from '../../domain/run/own-attempt.ts'
import type { Service } from '../../domain/service.ts'
import { findProof, keepLease } from '../../domain/task/complete.ts'
import { SpekiError } from '../../errors.ts'
import { ifMissing } from '../../expected.ts'
import { treeOf } from '../../git/commit.ts'
import { changedPaths } from '../../git/difference.ts'
import { treeHash } from '../../git/tree.ts'
import { createCheckpoint, restoreCheckpoint } from '../../git/worktree/checkpoint.ts'
import { readRef } from '../../git/worktree/worktrees.ts'
import { hint, step } from '../../step.ts'
import type { AttemptRecord } from '../../store/run/attempts.ts'
import { diagnose } from '../attempt/diagnose.ts'
import { openBeside, openGround } from '../attempt/ground.ts'
import { keepTree } from '../attempt/keep-tree.ts'
import type { ExecutionContext } from '../context.ts'
import { attemptPlace, checkpointStore } from '../places.ts'
import { withRoot } from '../with-root.ts'

/**
 * An agent in its own chat gets what a run gets: a worktree of its own on what has landed, with a checkpoint of its beginning,
 * and `beside` it what it builds on.
 */
export async function openOwnWorktree(
  context: ExecutionContext,
  caller: Principal,
  taskId: number,
  token: string,
  signal: AbortSignal,
): Promise<{ readonly worktree: string; readonly beside: readonly string[] }> {
  const { attempt, repository } = await beginOwnAttempt(
    context.service,
    caller,
    taskId,
    token,
    attemptPlace(context.folder),
  )
  const there = await stat(join(attempt.worktree, '.git')).catch(ifMissing(undefined))
  if (there !== undefined && attempt.base !== '') {
    const { notes } = await openBeside(context, caller, attempt, withRoot(repository), signal)
    return { worktree: attempt.worktree, beside: notes }
  }
  const ground = await openGround(context, caller, { attempt, repository }, signal)
  await createCheckpoint(attempt, checkpointStore(context.folder, taskId, attempt.number), 'start', signal)
  return ground
}

/** The commit that the work in a worktree of ours is over. */
export async function baseOfOwn(worktree: string, signal: AbortSignal): Promise<string> {
  const base = await readRef(worktree, 'HEAD', signal)
  if (base === undefined)
    throw new SpekiError('precondition_failed', `${worktree} has no commit any more.`, {
      hint: 'Release the task and claim it again.',
    })
  return base
}

/** Keeps a green state of the worktree under the name of the validation that proved it. */
export async function keepGreen(
  context: ExecutionContext,
  attempt: AttemptRecord,
  validation: string,
  signal: AbortSignal,
): Promise<void> {
  await createCheckpoint(attempt, checkpointStore(context.folder, attempt.taskId, attempt.number), validation, signal)
}

export interface Rollback {
  readonly restored: string
  /** All there are, oldest first. */
  readonly checkpoints: readonly string[]
  readonly report: DiagnosticReport
}

/**
 * Puts the worktree of an agent in its own chat back to a checkpoint: the named one, else the newest. What stood there is kept
 * under a ref, and the report says what kept it from passing.
 */
export async function rollBack(
  context: ExecutionContext,
  caller: Principal,
  wanted: { readonly taskId: number; readonly token: string; readonly checkpoint: string | undefined },
  signal: AbortSignal,
): Promise<Rollback> {
  const { taskId } = wanted
  await keepLease(context.service, caller, taskId, wanted.token)
  const attempt = await getOwnAttempt(context.service, caller, taskId)
  const store = checkpointStore(context.folder, taskId, attempt.number)
  const checkpoints = await listCheckpoints(store.folder)
  const chosen = wanted.checkpoint ?? checkpoints.at(-1)
  if (chosen === undefined || !checkpoints.includes(chosen))
    throw new SpekiError('not_found', `${taskKey(taskId)} has no checkpoint ${chosen ?? ''}.`, {
      hint: `There are: ${checkpoints.join(', ') || 'none'}.`,
    })
  const validation = await findProof(context.service, caller, taskId)
  const from = await treeOf(attempt.root, attempt.base, signal)
  const tree = await treeHash(attempt.worktree, signal)
  const changed = (await changedPaths(attempt.root, from, tree, signal)).map(({ path }) => path)
  const kept = await keepTree(attempt, signal)
  await restoreCheckpoint(attempt.worktree, store, chosen, signal)
  const verdict = { green: false, tree, checks: validation?.checks ?? [], findings: [] }
  const report = diagnose({ end: undefined, verdict, changed, loop: false, unmet: [], conflicts: [], kept })
  return { restored: chosen, checkpoints, report }
}

async function getOwnAttempt(service: Service, caller: Principal, taskId: number): Promise<AttemptRecord> {
  const attempt = await findOwnAttempt(service, caller, taskId)
  if (attempt === undefined)
    throw new SpekiError(
      'precondition_failed',
      `${taskKey(taskId)} is not worked on in a worktree of SPEKI, so there is no checkpoint.`,
      {
        hint: hint`Claim it with one: ${step('task_claim', { task: taskKey(taskId), worktree: true })}.`,
      },
    )
  return attempt
}

async function listCheckpoints(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder).catch(ifMissing([]))).filter((name) => !name.includes('.'))
  const dated = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })))
  return dated.sort((a, b) => a.at - b.at).map(({ name }) => name)
}
