import { changeSetKey } from '../../../schemas/key.ts'
import type { ChangeSetView } from '../../domain/change-set/change-set.ts'
import { commitTree, isAncestor, messageOf, treeOf } from '../../git/commit.ts'
import { git } from '../../git/git.ts'
import { mergeOver, mergeTrees } from '../../git/merge-tree.ts'
import { readRef } from '../../git/worktree/worktrees.ts'
import type { Part } from './prefix-gate.ts'

/** Work of a change set in one working copy, and where it is to go. */
interface Work {
  readonly root: string
  /** Commit it began at. */
  readonly base: string
  readonly head: string
  readonly target: string
  /** Where the target branch stands, here or on the remote. */
  readonly tip: string
}

type Onto = Pick<Part, 'merged' | 'problem' | 'note'>

/**
 * What the target branch would become: the work itself where the branch has not moved, else the merge of both, made as a commit
 * that no branch holds yet. Where the branch does not hold the commit that the work began at, only the work goes there: what
 * somebody took out of the branch does not come back with it, and what nobody pushed yet is not pushed with it.
 */
export async function ontoTarget(work: Work, view: ChangeSetView, signal: AbortSignal): Promise<Onto> {
  const { root, base, head, tip } = work
  if (!(await isAncestor(root, base, tip, signal))) return await replay(work, signal)
  if (await isAncestor(root, tip, head, signal)) return { merged: head }
  const result = await mergeTrees(root, tip, head, signal)
  if (result.conflicts !== undefined) return { merged: undefined, problem: contradicts(result.conflicts) }
  const key = changeSetKey(view.changeSet.id)
  const message = `${view.changeSet.title}\n\nSpeki-Change-Set: ${key}`
  // The time of its making is the change set's, so that the same state gives the same commit.
  const commit = { tree: result.tree, parents: [tip, head], message, at: view.changeSet.createdAt }
  return { merged: await commitTree(root, commit, signal) }
}

function contradicts(paths: readonly string[]): string {
  return `contradicts the target branch in ${paths.join(', ')}`
}

/** Makes each commit of the work again on top of the target branch, as its difference from the commit before. */
async function replay(work: Work, signal: AbortSignal): Promise<Onto> {
  const { root, base, head, tip } = work
  const note = await whyReplayed(work, signal)
  const args = ['rev-list', '--reverse', '--first-parent', '--end-of-options', head, `^${base}`]
  let [from, at] = [base, tip]
  for (const commit of (await git(root, args, signal)).split('\n').filter((line) => line !== '')) {
    const result = await mergeOver(root, from, { ours: at, theirs: commit }, signal)
    if (result.conflicts !== undefined)
      return { merged: undefined, problem: `${contradicts(result.conflicts)}. ${note}` }
    from = commit
    if (result.tree === (await treeOf(root, at, signal))) continue
    const { message, at: time } = await messageOf(root, commit, signal)
    at = await commitTree(root, { tree: result.tree, parents: [at], message, at: time }, signal)
  }
  return { merged: at, note }
}

async function whyReplayed({ root, base, target, tip }: Work, signal: AbortSignal): Promise<string> {
  const began = `${base.slice(0, 12)}, where the work began`
  const here = await readRef(root, `refs/heads/${target}`, signal)
  const isHere = here !== undefined && here !== tip && (await isAncestor(root, base, here, signal))
  return isHere
    ? `origin does not hold ${began}: the work alone goes to its ${target}. Where it needs commits that were not pushed yet, push them first.`
    : `${target} was rewritten and does not hold ${began}, any more: the work alone goes there, and what was taken out stays out.`
}
