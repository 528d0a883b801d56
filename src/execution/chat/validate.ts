import type { Principal } from '../../../schemas/actor.ts'
import type { Validation } from '../../../schemas/evidence.ts'
import type { CheckKind } from '../../../schemas/repository.ts'
import { getRepository } from '../../domain/repository/read.ts'
import { effectiveCommands } from '../../domain/repository/repository.ts'
import { withFrozenChecks } from '../../domain/run/frozen-checks.ts'
import { findOwnAttempt } from '../../domain/run/own-attempt.ts'
import { type ClaimStart, readClaimStart } from '../../domain/task/claim-start.ts'
import { keepLease, recordValidation } from '../../domain/task/complete.ts'
import { readTask } from '../../domain/task/read.ts'
import { SpekiError } from '../../errors.ts'
import { listIgnored } from '../../git/worktree/local-files.ts'
import { takeSnapshot } from '../../git/worktree/snapshot.ts'
import { openWorktree } from '../../git/worktree/worktree.ts'
import { logFailure } from '../../log.ts'
import { hint, step } from '../../step.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import type { ExecutionContext } from '../context.ts'
import { baseFindings } from '../judge/base-findings.ts'
import { baselineOf } from '../judge/baseline.ts'
import { clearLeftovers } from '../judge/leftovers.ts'
import { withRoot } from '../with-root.ts'
import { baseOfWork } from './base-of-work.ts'
import { judgeCopy } from './judge-copy.ts'
import { baseOfOwn, keepGreen } from './own-worktree.ts'

export interface ValidationRequest {
  readonly taskId: number
  readonly token: string
  /** Absolute path; that of the claim, else the registered working copy where absent. */
  readonly worktree?: string | undefined
  /** Only these kinds; such a run does not close a task. */
  readonly only?: readonly CheckKind[] | undefined
}

/** Leases are renewed this often while checks run: a suite may be slower than a lease is long. */
const RENEW_EVERY_MS = 60_000

/** Judges the work on a claimed task as a run judges its own, and stores what that showed. */
export async function validateTask(
  context: ExecutionContext,
  caller: Principal,
  request: ValidationRequest,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<Validation> {
  const { service } = context
  const { taskId, token } = request
  await keepLease(service, caller, taskId, token)
  const renewal = setInterval(() => {
    keepLease(service, caller, taskId, token).catch(
      // The next call of the holder finds out; a failed renewal must not end the checks.
      logFailure('lease.renewal', { task: taskId }),
    )
  }, RENEW_EVERY_MS)
  try {
    return await judgeWork(context, caller, request, progress, signal)
  } finally {
    clearInterval(renewal)
  }
}

async function judgeWork(
  context: ExecutionContext,
  caller: Principal,
  request: ValidationRequest,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<Validation> {
  const { service } = context
  const { taskId, token } = request
  const { task } = await readTask(service, caller, taskId)
  const own = await findOwnAttempt(service, caller, taskId)
  const start = await readClaimStart(service, caller, taskId)
  const repository = withChecksOf(start, withRoot(await getRepository(service, caller, task.repository)))
  const { root } = repository
  const worktree = await openWorktree(request.worktree ?? own?.worktree ?? root, root, signal)
  if (own !== undefined && worktree !== (await openWorktree(own.worktree, root, signal)))
    throw new SpekiError('invalid_input', `The work on ${task.id} is in ${own.worktree}, not in ${worktree}.`, {
      hint: hint`Validate it there: ${step('task_validate', { task: task.id, lease_token: token })}.`,
    })
  const all = effectiveCommands(repository)
  const commands = all.filter(({ kind }) => request.only?.includes(kind) ?? true)
  const named = task.context.files ?? []
  if (own !== undefined) await clearLeftovers(worktree, { left: [], named }, signal)
  const now = await takeSnapshot(worktree, service.now(), signal)
  const base =
    own === undefined
      ? await baseOfWork({ task: task.id, root, worktree, start, now }, signal)
      : { commit: await baseOfOwn(worktree, signal), notes: [], findings: [] }
  const record = async (found: Pick<Validation, 'passed' | 'checks' | 'findings'>) =>
    await recordValidation(service, caller, taskId, token, {
      worktree,
      treeHash: now.tree,
      ...(now.head !== undefined && { commit: now.head }),
      base: base.commit,
      complete: commands.length === all.length && all.length > 0,
      ...found,
    })
  if (base.findings.length > 0 || all.length === 0)
    return await record({ passed: false, checks: [], findings: [...base.findings] })
  const baseline = await baselineOf(context, caller, repository, base.commit, signal)
  const judged = withOnly(repository, request.only)
  const work = { caller, repository: judged, task, base: base.commit, baseline, tree: now.tree, own, progress }
  const verdict = await judgeCopy(context, work, signal)
  const stops = verdict.green
    ? []
    : baseFindings(baseline, {
        name: repository.name,
        commands: all,
        wanted: task.testCases,
        ignored: await listIgnored(root, signal),
      })
        .filter(({ level }) => level === 'stop')
        .map(({ message }) => message)
  const findings = verdict.findings.map(({ message }) => message)
  if (verdict.findings.some((finding) => finding.class === 'NO_CHANGE'))
    findings.push(
      `Where nothing has to change in ${repository.name} for it, a person closes the task: speki task override ${task.id} --reason "…"`,
    )
  const validation = await record({
    passed: verdict.green,
    checks: verdict.checks.map(({ green: _, ...result }) => result),
    findings: verdict.green ? [] : [...findings, ...stops, ...(findings.length > 0 ? base.notes : [])],
  })
  if (own !== undefined && validation.passed) await keepGreen(context, own, validation.id, signal)
  return validation
}

/**
 * A repository with the checks of a claim: what its files say since was the worker's to write. Where there were none, what a
 * person set meanwhile counts.
 */
function withChecksOf<T extends RepositoryRecord>(start: ClaimStart | undefined, repository: T): T {
  if (start === undefined) return repository
  const frozen = withFrozenChecks(repository, [start.checks])
  return effectiveCommands(frozen).length > 0 ? frozen : { ...frozen, commands: repository.commands }
}

function withOnly<T extends RepositoryRecord>(repository: T, only: readonly CheckKind[] | undefined): T {
  if (only === undefined) return repository
  const isMeant = ({ kind }: { readonly kind: CheckKind }) => only.includes(kind)
  const { commands, facts } = repository
  return {
    ...repository,
    commands: commands.filter(isMeant),
    facts: { ...facts, commands: facts.commands.filter(isMeant) },
  }
}
