import type { Principal } from '../../../schemas/actor.ts'
import { getRepository } from '../../domain/repository/read.ts'
import { findOwnAttempt } from '../../domain/run/own-attempt.ts'
import { noteClaimStart, type StartPlace } from '../../domain/task/claim-start.ts'
import { readTask } from '../../domain/task/read.ts'
import { takeSnapshot } from '../../git/worktree/snapshot.ts'
import { listWorktrees } from '../../git/worktree/worktrees.ts'
import type { ExecutionContext } from '../context.ts'

/**
 * Notes what stands in the working copy as work on a claimed task begins: what lies there uncommitted is whose it was, and no
 * work of the task. Of the person's other worktrees only their commits are noted: nobody can say in which of them somebody works.
 */
export async function noteStart(
  context: ExecutionContext,
  caller: Principal,
  claim: { readonly taskId: number; readonly token: string },
  signal: AbortSignal,
): Promise<void> {
  const { task } = await readTask(context.service, caller, claim.taskId)
  const { root } = await getRepository(context.service, caller, task.repository)
  const own = await findOwnAttempt(context.service, caller, claim.taskId)
  // In a worktree of ours the base is the commit it was made at.
  const places = root === undefined || own !== undefined ? [] : await placesOf(context, root, signal)
  await noteClaimStart(context.service, caller, claim, places)
}

async function placesOf(context: ExecutionContext, root: string, signal: AbortSignal): Promise<readonly StartPlace[]> {
  const { head, branch, commit } = await takeSnapshot(root, context.service.now(), signal)
  const others = (await listWorktrees(root, signal)).filter(({ path, head: at }) => path !== root && at !== undefined)
  return [
    placeOf(root, head, branch, commit),
    ...others.map((other) => placeOf(other.path, other.head, other.branch, undefined)),
  ]
}

function placeOf(
  path: string,
  head: string | undefined,
  branch: string | undefined,
  snapshot: string | undefined,
): StartPlace {
  return {
    path,
    ...(head !== undefined && { head }),
    ...(branch !== undefined && { branch }),
    ...(snapshot !== undefined && { snapshot }),
  }
}
