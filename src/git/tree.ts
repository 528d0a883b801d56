import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { git, tryGit } from './git.ts'

/**
 * Hash of everything in a worktree as it is now: untracked files included, ignored ones left out. Computed on a copy of
 * the index, so what the user staged stays as it is.
 */
export async function treeHash(worktree: string, signal: AbortSignal): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'speki-index-'))
  try {
    const index = join(folder, 'index')
    const own = resolve(worktree, (await git(worktree, ['rev-parse', '--git-path', 'index'], signal)).trim())
    // The copy saves hashing what did not change; without one, everything is hashed.
    await copyFile(own, index).catch(() => {})
    await git(worktree, ['add', '--all', '--', '.'], signal, { GIT_INDEX_FILE: index })
    return (await git(worktree, ['write-tree'], signal, { GIT_INDEX_FILE: index })).trim()
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
