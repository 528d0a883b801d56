import { commitTree, treeOf } from '../commit.ts'
import { tryGit } from '../git.ts'
import { headCommit, treeHash } from '../tree.ts'

/** What stands in a worktree. */
export interface Snapshot {
  /** Commit that HEAD is at; undefined before the first. */
  readonly head: string | undefined
  /** Full name of the ref that HEAD names; undefined where it is detached. */
  readonly branch: string | undefined
  readonly tree: string
  /** Commit of that tree: HEAD where nothing is uncommitted, else one over it that no ref names. */
  readonly commit: string
}

/** Keeps what stands in a worktree as a commit; nothing a person sees changes. Ignored files are not in it. */
export async function takeSnapshot(worktree: string, at: number, signal: AbortSignal): Promise<Snapshot> {
  const head = await headCommit(worktree, signal)
  const branch = await tryGit(worktree, ['symbolic-ref', '--quiet', 'HEAD'], signal)
  const tree = await treeHash(worktree, signal)
  if (head !== undefined && (await treeOf(worktree, head, signal)) === tree) return { head, branch, tree, commit: head }
  const message = 'What stood here, uncommitted changes included'
  const parents = head === undefined ? [] : [head]
  const commit = await commitTree(worktree, { tree, parents, message, at }, signal)
  return { head, branch, tree, commit }
}
