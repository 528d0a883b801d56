import type { ClaimStart, StartPlace } from '../../domain/task/claim-start.ts'
import { SpekiError } from '../../errors.ts'
import { isAncestor } from '../../git/commit.ts'
import { changedPaths } from '../../git/difference.ts'
import type { Snapshot } from '../../git/worktree/snapshot.ts'
import { readRef } from '../../git/worktree/worktrees.ts'
import { BLANK, hint, step } from '../../step.ts'

/** What work in a worktree of the person is measured over. */
export interface BaseOfWork {
  readonly commit: string
  /** What beside the work itself changed there since the claim, a sentence each: it explains a finding. */
  readonly notes: readonly string[]
  /** What speaks against judging it at all. */
  readonly findings: readonly string[]
}

/** A worktree of the person, beside a claim. */
interface Worked {
  readonly task: string
  readonly root: string
  readonly worktree: string
  readonly start: ClaimStart | undefined
  readonly now: Snapshot
}

/**
 * The base of work in a worktree of the person: what stood there at the claim. Commits, amendments and branches made of it since
 * are no matter, as trees are compared; from a branch that does not hold it nobody could tell the work from what else is there.
 */
export async function baseOfWork(worked: Worked, signal: AbortSignal): Promise<BaseOfWork> {
  const { task, root, worktree, start, now } = worked
  const anew = hint`Give it back, then claim it again: ${step('task_update', { task, revision: BLANK, status: 'todo', lease_token: BLANK })}, ${step('task_claim', { task })}.`
  const begun = start?.places.find(({ path }) => path === worktree) ?? start?.places.find(({ path }) => path === root)
  if (begun === undefined)
    throw new SpekiError('precondition_failed', `What stood in ${worktree} when ${task} was claimed is not known.`, {
      hint: hint`Claim it once more, which notes it: ${step('task_claim', { task })}. What was written before that does not count as its work.`,
    })
  const commit = begun.path === worktree ? (begun.snapshot ?? begun.head) : begun.head
  if (commit === undefined || (await readRef(root, commit, signal)) === undefined)
    throw new SpekiError(
      'precondition_failed',
      `What stood in ${worktree} when ${task} was claimed cannot be read any more.`,
      { hint: anew },
    )
  const findings = [
    ...(await leftBranch(begun, worked, signal)),
    ...(begun.path === worktree ? await lostChanges(begun, commit, worked, signal) : []),
  ]
  return { commit, findings, notes: await movedHead(begun, now, worktree, signal) }
}

/** HEAD stands on another branch, which does not hold the commit it was at. */
async function leftBranch(
  begun: StartPlace,
  { worktree, now }: Worked,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { head, branch } = begun
  if (head === undefined || now.head === undefined) return []
  const isThere = begun.path === worktree && branch !== undefined && branch === now.branch
  if (isThere || (await isAncestor(worktree, head, now.head, signal))) return []
  const was = `${nameOf(branch)} (${head.slice(0, 12)})`
  return [
    `${worktree} is at ${nameOf(now.branch)} (${now.head.slice(0, 12)}) now, which does not hold ${was}, where the task began: nobody can tell the work from what else differs. Go back to it with the work (git switch ${nameOf(branch)}), then validate again.`,
  ]
}

/** Uncommitted changes of before that are as if they had never been made: stashed, or taken back. */
async function lostChanges(
  { head }: StartPlace,
  snapshot: string,
  { root, now }: Worked,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (head === undefined || head === snapshot) return []
  const differ = new Set((await changedPaths(root, head, now.tree, signal)).map(({ path }) => path))
  const before = (await changedPaths(root, head, snapshot, signal)).map(({ path }) => path)
  const lost = before.filter((path) => !differ.has(path))
  if (lost.length === 0) return []
  const which = `${lost.slice(0, NAMED).join(', ')}${lost.length > NAMED ? ' …' : ''}`
  return [
    `Uncommitted changes that stood in ${which} before the task was claimed are gone: stashed, or taken back. They are no work of this task: bring them back (git stash pop). Where whose they were took them back, give the task back and claim it again.`,
  ]
}

/** Paths that are told by name. */
const NAMED = 5

async function movedHead(
  { head, branch }: StartPlace,
  now: Snapshot,
  worktree: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (head === undefined || now.head === undefined || head === now.head) return []
  const [was, is] = [head.slice(0, 12), now.head.slice(0, 12)]
  const how = (await isAncestor(worktree, head, now.head, signal))
    ? `${nameOf(now.branch)} went from ${was} to ${is}`
    : `${nameOf(branch)} was at ${was} and was rewritten to ${is}`
  return [
    `Since the claim ${how}, and all that differs counts as work of this task. Where commits of others are in it, give the task back and claim it again.`,
  ]
}

function nameOf(branch: string | undefined): string {
  return branch?.replace(/^refs\/heads\//, '') ?? 'a detached HEAD'
}
