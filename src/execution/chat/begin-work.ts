import type { Principal } from '../../../schemas/actor.ts'
import { keyNumber } from '../../../schemas/key.ts'
import { undoClaim } from '../../domain/run/own-attempt.ts'
import type { Request } from '../../domain/service.ts'
import type { Claim } from '../../domain/task/claim.ts'
import type { ExecutionContext } from '../context.ts'
import { takeBack } from '../worker/recover.ts'
import { noteStart } from './claim-start.ts'
import { openOwnWorktree } from './own-worktree.ts'

/**
 * Gives a claimed task its place to work, and notes what stands there. Where that cannot be, a claim that was just made is undone
 * with all that was made for it, as if nobody had asked.
 */
export async function beginWork(
  context: ExecutionContext,
  caller: Principal,
  of: { readonly claim: Claim; readonly worktree: boolean; readonly request: Request | undefined },
  signal: AbortSignal,
): Promise<(Awaited<ReturnType<typeof openOwnWorktree>> & { readonly keptOut: string | undefined }) | undefined> {
  const { claim, worktree, request } = of
  const { token } = claim.lease
  const taskId = keyNumber(claim.task.id)
  try {
    const own = worktree ? await openOwnWorktree(context, caller, taskId, token, signal) : undefined
    await noteStart(context, caller, { taskId, token }, signal)
    return own && { worktree: own.worktree, beside: own.beside, keptOut: await context.keptOut?.(caller.client) }
  } catch (error) {
    if (claim.again) throw error
    const attempt = await undoClaim(context.service, caller, claim, request)
    if (attempt !== undefined) await takeBack(context, caller, attempt, AbortSignal.timeout(60_000))
    throw error
  }
}
