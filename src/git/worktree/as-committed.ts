import { commitTree } from '../commit.ts'
import { git, tryGit } from '../git.ts'
import { whilePlaceShown } from './private-repository.ts'
import { readRef } from './worktrees.ts'

/** Nobody reads it; the same work is the same commit. */
const A_TIME = 1_000_000_000_000

/** Runs something in a worktree as if what is there were committed, for programs that look whether it is. No branch moves. */
export async function asCommitted<T>(
  worktree: string,
  tree: string,
  use: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const head = await readRef(worktree, 'HEAD', signal)
  const branch = await tryGit(worktree, ['symbolic-ref', '--quiet', 'HEAD'], signal)
  const parents = head === undefined ? [] : [head]
  const commit = await commitTree(worktree, { tree, parents, message: 'What is judged', at: A_TIME }, signal)
  const stand = async (at: string, until: AbortSignal) => {
    await git(worktree, ['read-tree', '--end-of-options', at], until)
    await tryGit(worktree, ['update-index', '-q', '--refresh'], until)
  }
  try {
    await git(worktree, ['update-ref', '--no-deref', '--end-of-options', 'HEAD', commit], signal)
    await stand(commit, signal)
    return await whilePlaceShown(worktree, use)
  } finally {
    const until = AbortSignal.timeout(60_000)
    if (branch !== undefined) await git(worktree, ['symbolic-ref', 'HEAD', branch], until)
    else if (head !== undefined) await git(worktree, ['update-ref', '--no-deref', 'HEAD', head], until)
    if (head !== undefined) await stand(head, until)
  }
}
