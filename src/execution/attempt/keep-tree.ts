import { lstat } from 'node:fs/promises'
import { ifMissing, ifRefused } from '../../expected.ts'
import { commitTree, treeOf } from '../../git/commit.ts'
import { tryGit } from '../../git/git.ts'
import { treeHash } from '../../git/tree.ts'
import { holdWorktree } from '../../git/worktree/hold-worktree.ts'
import { ABSENT, moveRef, readRef } from '../../git/worktree/worktrees.ts'
import type { AttemptRecord } from '../../store/run/attempts.ts'
import { attemptName, keptRefs } from '../places.ts'

async function isRepository(root: string, signal: AbortSignal): Promise<boolean> {
  return (await tryGit(root, ['rev-parse', '--git-dir'], signal)) !== undefined
}

/**
 * Keeps what an attempt did under a ref of its own, outside all branches, before it is taken back. Undefined where it did
 * nothing, or has no worktree any more. Repeating it gives the same ref.
 */
export async function keepTree(
  attempt: Pick<AttemptRecord, 'root' | 'worktree' | 'base' | 'taskId' | 'number' | 'mark' | 'startedAt'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { root, worktree, base, taskId, number } = attempt
  // A repository that is not at its place can keep nothing.
  const there = (await lstat(worktree).catch(ifMissing(undefined))) !== undefined && (await isRepository(root, signal))
  // Its worker may be gone, and an agent have changed where its `.git` leads.
  if (there) await holdWorktree(root, worktree, false, signal)
  const tree = there && base !== '' ? await treeHash(worktree, signal).catch(ifRefused(undefined)) : undefined
  if (tree === undefined || tree === (await treeOf(root, base, signal))) return undefined
  const name = attemptName(taskId, number)
  const message = `Discarded work of ${name}\n\nSpeki-Attempt: ${name}`
  const commit = await commitTree(root, { tree, parents: [base], message, at: attempt.startedAt }, signal)
  const [first = '', own = ''] = keptRefs(attempt)
  const standing = await readRef(root, first, signal)
  const ref = standing === undefined || standing === commit ? first : own
  await moveRef(root, ref, commit, (await readRef(root, ref, signal)) ?? ABSENT, signal)
  return ref
}
