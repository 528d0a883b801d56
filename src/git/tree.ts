import { lstat, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ifMissing, ifRefused } from '../expected.ts'
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
    const nested = await listNested(worktree, signal, index)
    await git(
      worktree,
      ['add', '--all', '--', '.', ...nested.map((path) => `:(exclude,literal)${path}`)],
      signal,
      index,
    )
    for (const path of nested) await addNested(worktree, path, signal, index)
    return (await git(worktree, ['write-tree'], signal, index)).trim()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Env = Readonly<Record<string, string>>

/** Repositories inside the worktree that the index knows, by path. */
async function listNested(worktree: string, signal: AbortSignal, index: Env): Promise<readonly string[]> {
  const entries = (await git(worktree, ['ls-files', '--stage', '-z'], signal, index)).split('\0')
  return entries.flatMap((entry) => (entry.startsWith('160000 ') ? [entry.slice(entry.indexOf('\t') + 1)] : []))
}

/**
 * Does for one of them what `git add` does, but for the look at its files: that would start the programs which its own
 * configuration names.
 */
async function addNested(worktree: string, path: string, signal: AbortSignal, index: Env): Promise<void> {
  const folder = join(worktree, path)
  const info = await lstat(folder).catch(ifMissing(undefined))
  const own = { GIT_DIR: join(folder, '.git'), GIT_WORK_TREE: folder }
  const head = info?.isDirectory() === true ? await nestedHead(folder, own, signal) : undefined
  const change = head === undefined ? ['--force-remove', '--', path] : ['--cacheinfo', `160000,${head},${path}`]
  if (head !== undefined || info?.isDirectory() !== true)
    await git(worktree, ['update-index', ...change], signal, index)
  if (info !== undefined && !info.isDirectory()) await git(worktree, ['add', '--', path], signal, index)
}

async function nestedHead(folder: string, own: Env, signal: AbortSignal): Promise<string | undefined> {
  if ((await lstat(join(folder, '.git')).catch(ifMissing(undefined))) === undefined) return undefined
  const printed = await git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD'], signal, own).catch(ifRefused(''))
  return printed.trim() || undefined
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
