import type { CriterionAnswer } from '../../../schemas/evidence.ts'
import { changeSetKey } from '../../../schemas/key.ts'
import type { Task } from '../../../schemas/task.ts'
import { intendLanding, type Landing, landAttempt } from '../../domain/run/land.ts'
import type { Holder } from '../../domain/run/work.ts'
import { recordValidation } from '../../domain/task/complete.ts'
import { SpekiError } from '../../errors.ts'
import { commitTree } from '../../git/commit.ts'
import { git } from '../../git/git.ts'
import { mergeTrees } from '../../git/merge-tree.ts'
import { showPlace } from '../../git/worktree/private-repository.ts'
import { moveRef, readRef } from '../../git/worktree/worktrees.ts'
import { BLANK, hint, step } from '../../step.ts'
import type { AttemptRecord } from '../../store/run/attempts.ts'
import { changeSetRef } from '../change-set/branch.ts'
import type { ExecutionContext } from '../context.ts'
import { keepAsBaseline } from '../judge/baseline.ts'
import type { Verdict, Work } from '../judge/verify.ts'
import { attemptName } from '../places.ts'
import type { AgentAnswer } from './prompt.ts'

export interface Proven {
  readonly verdict: Verdict
  readonly answer: AgentAnswer | undefined
  /** Last words of the agent. */
  readonly lastMessage: string
}

/** A task in the hands of who lands it. */
export interface Held {
  readonly attempt: AttemptRecord
  readonly token: string
  readonly task: Pick<Task, 'id' | 'title' | 'acceptanceCriteria'>
}

/** `moved`: other work landed first and both are in the worktree now, over `base`: judge again. */
export type Landed =
  | { readonly kind: 'landed' }
  | { readonly kind: 'moved'; readonly base: string }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] }

/**
 * Commits proven work to the branch of the change set and closes the task. The commit's tree is the tree that was proven,
 * and the branch moves only from the very commit it was proven on. `clear` takes away what the attempt worked in, once its commit is safe.
 */
export async function land(
  context: ExecutionContext,
  worker: Holder,
  held: Held,
  work: Pick<Work, 'repository' | 'worktree' | 'base' | 'baseline'>,
  proven: Proven,
  clear: () => Promise<void>,
  signal: AbortSignal,
): Promise<Landed> {
  const { attempt, token, task } = held
  const { root } = work.repository
  const ref = await changeSetRef(context, worker, attempt)
  const { tree, checks } = proven.verdict
  const at = context.service.now()
  const message = commitMessage(attempt, task, summaryOf(proven))
  const commit = await commitTree(root, { tree, parents: [work.base], message, at }, signal)
  const head = await readRef(root, ref, signal)
  if (head !== work.base) return await catchUp({ root, worktree: work.worktree }, head, commit, signal)

  await recordValidation(context.service, worker, attempt.taskId, token, {
    worktree: work.worktree,
    treeHash: tree,
    commit: work.base,
    base: work.base,
    passed: true,
    complete: true,
    checks: checks.map(({ green: _, ...result }) => result),
    findings: [],
  })
  const landing: Landing = {
    commit,
    tree,
    summary: summaryOf(proven),
    answers: answersOf(task.acceptanceCriteria, proven),
  }
  await intendLanding(context.service, worker, attempt, landing)
  // Before others see the commit: who works beside this takes what was measured instead of measuring again.
  await keepAsBaseline(context, worker, work.repository, commit, checks, work.baseline)
  try {
    await moveRef(root, ref, commit, work.base, signal)
  } catch (error) {
    if (!(error instanceof SpekiError && error.code === 'conflict')) throw error
    return await catchUp({ root, worktree: work.worktree }, await readRef(root, ref, signal), commit, signal)
  }
  // Whoever sees the task done finds nothing of the attempt lying about.
  await clear()
  await landAttempt(context.service, worker, attempt, token, landing)
  return { kind: 'landed' }
}

/** Brings what landed meanwhile into the worktree, unless both contradict each other. */
export async function catchUp(
  { root, worktree }: { readonly root: string; readonly worktree: string },
  head: string | undefined,
  commit: string,
  signal: AbortSignal,
): Promise<Landed> {
  if (head === undefined)
    throw new SpekiError('precondition_failed', `The branch of the change set is gone from ${root}.`, {
      hint: hint`Retry the run: ${step('run_control', { run: BLANK, action: 'retry' })}.`,
    })
  const merged = await mergeTrees(root, head, commit, signal)
  if (merged.conflicts !== undefined) return { kind: 'conflict', paths: merged.conflicts }
  // Not `reset --soft`: git 2.39 takes no --end-of-options there.
  await git(worktree, ['update-ref', '--end-of-options', 'HEAD', head], signal)
  await git(worktree, ['read-tree', '--reset', '-u', '--end-of-options', merged.tree], signal)
  await showPlace(worktree)
  return { kind: 'moved', base: head }
}

/** Title, what was done, and trailers by which the commit is found again. */
export function commitMessage(attempt: AttemptRecord, task: Pick<Task, 'id' | 'title'>, summary: string): string {
  const trailers = [
    `Speki-Task: ${task.id}`,
    `Speki-Attempt: ${attemptName(attempt.taskId, attempt.number)}`,
    `Speki-Change-Set: ${changeSetKey(attempt.changeSetId)}`,
  ]
  return [task.title, summary, trailers.join('\n')].join('\n\n')
}

const MAX_SUMMARY = 2000

function summaryOf({ answer, lastMessage }: Proven): string {
  const summary = (answer?.summary ?? lastMessage).trim().slice(0, MAX_SUMMARY)
  return summary === '' ? 'Done; the agent said nothing about it.' : summary
}

/** One answer for each criterion: the agent's, or that it gave none and what the checks showed. */
function answersOf(criteria: readonly string[], { answer, verdict }: Proven): readonly CriterionAnswer[] {
  const checks = verdict.checks.map(({ kind, argv, counts }) =>
    counts?.passed === undefined ? `${kind} (${argv.join(' ')})` : `${kind} (${counts.passed} tests passed)`,
  )
  return criteria.map((_, index) => {
    const given = answer?.criteria.find(({ criterion }) => criterion === index + 1)?.how.trim()
    const how = given || `The agent named no proof of its own; green on this tree: ${checks.join(', ')}`
    return { criterion: index + 1, met: true, how }
  })
}
