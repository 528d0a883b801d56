import type { Principal } from '../../../schemas/actor.ts'
import type { Validation } from '../../../schemas/evidence.ts'
import type { Task } from '../../../schemas/task.ts'
import { intendLanding, landAttempt } from '../../domain/run/land.ts'
import { type Completed, type Completion, checkCompletion } from '../../domain/task/complete.ts'
import { SpekiError } from '../../errors.ts'
import { commitTree } from '../../git/commit.ts'
import { moveRef, readRef } from '../../git/worktree/worktrees.ts'
import { hint, step } from '../../step.ts'
import type { AttemptRecord } from '../../store/run/attempts.ts'
import { catchUp, commitMessage } from '../attempt/land.ts'
import { changeSetRef } from '../change-set/branch.ts'
import type { ExecutionContext } from '../context.ts'
import { clearAttempt } from '../worker/recover.ts'
import { baseOfOwn } from './own-worktree.ts'

/** Proven work of an agent in its own chat: committed to the change set, exactly as it was proven, and the task closed. */
export async function landOwn(
  context: ExecutionContext,
  caller: Principal,
  own: {
    readonly attempt: AttemptRecord
    readonly task: Task
    readonly validation: Validation
    readonly completion: Completion
  },
  signal: AbortSignal,
): Promise<Completed> {
  const { attempt, task, validation, completion } = own
  const { root, worktree } = attempt
  // Refused before anything moves: a commit of a task that stays open would be nobody's.
  await checkCompletion(context.service, caller, completion)
  const ref = await changeSetRef(context, caller, attempt)
  const head = await readRef(root, ref, signal)
  const base = await baseOfOwn(worktree, signal)
  const message = commitMessage(attempt, task, completion.summary)
  const parents = [base]
  const commit = await commitTree(
    root,
    { tree: validation.treeHash, parents, message, at: context.service.now() },
    signal,
  )
  if (head !== base) {
    const moved = await catchUp({ root, worktree }, head, commit, signal)
    const what = moved.kind === 'conflict' ? `contradicts it in ${moved.paths.join(', ')}` : 'is in your worktree now'
    throw new SpekiError('conflict', `Other work landed in the change set meanwhile and ${what}. Nothing was closed.`, {
      hint:
        moved.kind === 'conflict'
          ? 'Release the task and claim it again to begin on what has landed.'
          : hint`Run ${step('task_validate', { task: task.id })} again, then ${step('task_complete', { task: task.id })}.`,
    })
  }
  const landing = { commit, tree: validation.treeHash, answers: completion.answers, summary: completion.summary }
  await intendLanding(context.service, caller, attempt, { ...landing, answers: [...completion.answers] })
  await moveRef(root, ref, commit, base, signal)
  const completed = await landAttempt(context.service, caller, attempt, completion.token, landing)
  await clearAttempt(context, caller, attempt, signal)
  return completed
}
