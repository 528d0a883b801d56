import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { ifMissing, ifRefused } from '../expected.ts'
import { removeOfAnyAge } from '../files/remove.ts'
import { commitTree } from './commit.ts'
import { git } from './git.ts'
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
  const parents = head === undefined ? [] : [head]
  const commit = await commitTree(worktree, { tree, parents, message: 'What is judged', at: A_TIME }, signal)
  const seen = await seenInside(worktree)
  const own = await git(worktree, ['rev-parse', '--verify', '--quiet', 'HEAD'], signal, seen).catch(ifRefused(''))
  const branch = await git(worktree, ['symbolic-ref', '--quiet', 'HEAD'], signal, seen).catch(ifRefused(''))
  const stand = async (at: string, until: AbortSignal) => {
    // An agent may have put a link in its place, which git would write through.
    if (seen.GIT_DIR !== undefined) await removeOfAnyAge(join(seen.GIT_DIR, 'index'), seen.GIT_DIR)
    await git(worktree, ['read-tree', '--end-of-options', at], until, seen)
    await git(worktree, ['update-index', '-q', '--refresh'], until, seen).catch(ifRefused(''))
  }
  try {
    await git(worktree, ['update-ref', '--no-deref', '--end-of-options', 'HEAD', commit], signal, seen)
    await stand(commit, signal)
    return await use()
  } finally {
    const until = AbortSignal.timeout(60_000)
    if (branch !== '') await git(worktree, ['symbolic-ref', 'HEAD', branch.trim()], until, seen)
    else if (own !== '') await git(worktree, ['update-ref', '--no-deref', 'HEAD', own.trim()], until, seen)
    if (own !== '') await stand(own.trim(), until)
  }
}

/** Where a program inside looks: a repository of its own, whose index and HEAD are not those that our git goes by. */
async function seenInside(worktree: string): Promise<{ readonly GIT_DIR?: string; readonly GIT_WORK_TREE?: string }> {
  const folder = join(worktree, '.git')
  const info = await lstat(folder).catch(ifMissing(undefined))
  return info?.isDirectory() === true ? { GIT_DIR: folder, GIT_WORK_TREE: worktree } : {}
}
