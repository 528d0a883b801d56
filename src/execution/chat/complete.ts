import type { Principal } from '../../../schemas/actor.ts'
import { findOwnAttempt } from '../../domain/run/own-attempt.ts'
import type { Request } from '../../domain/service.ts'
import { type Completed, type Completion, completeTask, findProof } from '../../domain/task/complete.ts'
import { readTask } from '../../domain/task/read.ts'
import { ifRefused } from '../../expected.ts'
import { treeHash } from '../../git/tree.ts'
import type { ExecutionContext } from '../context.ts'
import { landOwn } from './land-own.ts'

/**
 * Reads the tree that the last validation saw as it is now, and closes the task if the gate holds on it. Work in a worktree of
 * SPEKI lands in the change set with it.
 */
export async function completeWithProof(
  context: ExecutionContext,
  caller: Principal,
  completion: Omit<Completion, 'treeHash'>,
  signal: AbortSignal,
  request?: Request,
): Promise<Completed> {
  const { service } = context
  const validation = await findProof(service, caller, completion.taskId)
  const tree =
    validation === undefined ? undefined : await treeHash(validation.worktree, signal).catch(ifRefused(undefined))
  signal.throwIfAborted()
  const own = await findOwnAttempt(service, caller, completion.taskId)
  if (own !== undefined && validation?.worktree === own.worktree && validation.passed && tree === validation.treeHash) {
    const { task } = await readTask(service, caller, completion.taskId)
    return await landOwn(
      context,
      caller,
      { attempt: own, task, validation, completion: { ...completion, treeHash: tree } },
      signal,
    )
  }
  return await completeTask(service, caller, { ...completion, treeHash: tree }, request)
}
