import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git, tryGit } from './git.ts'

/**
 * Hash of everything in a worktree as it is now: untracked files included, ignored ones left out. Computed on an index of
 * its own that begins with the last commit: every file is read anew, because what the user's index remembers of a file
 * can be wrong for an edit within one second, and can be told not to look.
 */
export async function treeHash(worktree: string, signal: AbortSignal): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'speki-index-'))
  try {
    const index = { GIT_INDEX_FILE: join(folder, 'index') }
    if ((await headCommit(worktree, signal)) !== undefined) await git(worktree, ['read-tree', 'HEAD'], signal, index)
    await git(worktree, ['add', '--all', '--', '.'], signal, index)
    return (await git(worktree, ['write-tree'], signal, index)).trim()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Undefined before the first commit. */
export async function headCommit(worktree: string, signal: AbortSignal): Promise<string | undefined> {
  return await tryGit(worktree, ['rev-parse', '--verify', '--quiet', 'HEAD'], signal)
}

/** Paths that git tracks below a folder of the worktree, relative to the worktree, `/` between parts; at most `limit`. */
export async function listTracked(
  worktree: string,
  subpath: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const output = await git(
    worktree,
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', subpath],
    signal,
  )
  return output
    .split('\u0000')
    .filter((path) => path !== '')
    .slice(0, limit)
}

/** How many paths of a working copy differ from its last commit, untracked ones included. */
export async function countUncommitted(worktree: string, signal: AbortSignal): Promise<number> {
  const output = await git(
    worktree,
    ['status', '--porcelain', '-z', '--untracked-files=normal', '--no-renames'],
    signal,
  )
  return output.split('\u0000').filter((line) => line !== '').length
}
