import type { Caller } from '../../schemas/actor.ts'
import type { Request, Service } from '../domain/service.ts'
import { type Completed, type Completion, completeTask, findProof } from '../domain/task/complete.ts'
import { treeHash } from '../git/tree.ts'

/** Reads the tree that the last validation saw as it is now, and closes the task if the gate holds on it. */
export async function completeWithProof(
  service: Service,
  caller: Caller,
  completion: Omit<Completion, 'treeHash'>,
  signal: AbortSignal,
  request?: Request,
): Promise<Completed> {
  const validation = await findProof(service, completion.taskId)
  const tree = validation === undefined ? undefined : await treeHash(validation.worktree, signal).catch(() => undefined)
  signal.throwIfAborted()
  return await completeTask(service, caller, { ...completion, treeHash: tree }, request)
}
