import type { Principal } from '../../../schemas/actor.ts'
import type { Validation } from '../../../schemas/evidence.ts'
import type { CheckKind } from '../../../schemas/repository.ts'
import { getRepository } from '../../domain/repository/read.ts'
import { effectiveCommands } from '../../domain/repository/repository.ts'
import { findOwnAttempt } from '../../domain/run/own-attempt.ts'
import { keepLease, recordValidation } from '../../domain/task/complete.ts'
import { readTask } from '../../domain/task/read.ts'
import { headCommit, treeHash } from '../../git/tree.ts'
import { openWorktree } from '../../git/worktree.ts'
import { logFailure } from '../../log.ts'
import { DEFAULT_LIMITS, runChecks } from '../../validation/run-checks.ts'
import { openBeside } from '../attempt/ground.ts'
import type { ExecutionContext } from '../context.ts'
import { clearLeftovers } from '../judge/leftovers.ts'
import { withRoot } from '../with-root.ts'
import { keepGreen } from './own-worktree.ts'

export interface ValidationRequest {
  readonly taskId: number
  readonly token: string
  /** Absolute path; the registered working copy where absent. */
  readonly worktree?: string | undefined
  /** Only these kinds; such a run does not close a task. */
  readonly only?: readonly CheckKind[] | undefined
}

/** Leases are renewed this often while checks run: a suite may be slower than a lease is long. */
const RENEW_EVERY_MS = 60_000

/** Runs the checks of a task's repository on a worktree and stores what they showed. */
export async function validateTask(
  context: ExecutionContext,
  caller: Principal,
  request: ValidationRequest,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<Validation> {
  const { service } = context
  const { task } = await readTask(service, caller, request.taskId)
  const repository = withRoot(await getRepository(service, caller, task.repository))
  await keepLease(service, caller, request.taskId, request.token)
  const own = await findOwnAttempt(service, caller, request.taskId)
  const worktree = await openWorktree(request.worktree ?? own?.worktree ?? repository.root, repository.root, signal)
  const environment = own === undefined ? {} : (await openBeside(context, caller, own, repository, signal)).environment
  const all = effectiveCommands(repository)
  const commands = all.filter((command) => request.only?.includes(command.kind) ?? true)
  const clear = async () => {
    const named = task.context.files ?? []
    if (own !== undefined && worktree === own.worktree) await clearLeftovers(worktree, { left: [], named }, signal)
  }
  await clear()
  const before = await treeHash(worktree, signal)
  const renewal = setInterval(() => {
    keepLease(service, caller, request.taskId, request.token).catch(
      // The next call of the holder finds out; a failed renewal must not end the checks.
      logFailure('lease.renewal', { task: request.taskId }),
    )
  }, RENEW_EVERY_MS)
  try {
    const checks = await runChecks(
      { worktree, subpath: repository.subpath, commands, environment, ...DEFAULT_LIMITS },
      (check) => progress(`${check.kind}: ${check.status}`),
      signal,
    )
    await clear()
    const after = await treeHash(worktree, signal)
    const passed = checks.length > 0 && checks.every((check) => check.status === 'passed')
    // A check that rewrites files proved a tree that is no longer there: the tree before is recorded, so the gate asks again.
    const validation = await recordValidation(service, caller, request.taskId, request.token, {
      worktree,
      treeHash: before,
      ...commitOf(await headCommit(worktree, signal)),
      passed: passed && before === after,
      complete: commands.length === all.length && all.length > 0,
      checks,
    })
    if (own !== undefined && validation.passed) await keepGreen(context, own, validation.id, signal)
    return validation
  } finally {
    clearInterval(renewal)
  }
}

function commitOf(commit: string | undefined): { commit?: string } {
  return commit === undefined ? {} : { commit }
}
