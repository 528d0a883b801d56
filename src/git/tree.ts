import { lstat, mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ifMissing, ifRefused } from '../expected.ts'
import { removeOfAnyAge } from '../files/remove.ts'
import { changedPaths } from './difference.ts'
import { git, LIST_SETTINGS, tryGit } from './git.ts'
import { settingsEnvironment, withoutPrograms } from './program-settings.ts'

/**
 * Hash of everything in a worktree as it is now: untracked files included, ignored ones left out. Computed on an index of
 * its own that begins with the last commit: every file is read anew, because what the user's index remembers of a file
 * can be wrong for an edit within one second, and can be told not to look. A file that is, byte for byte, what a checkout
 * of the last commit writes counts as unchanged, also where adding it would give other line ends than were committed.
 */
export async function treeHash(worktree: string, signal: AbortSignal): Promise<string> {
  return await withScratch(async (folder) => {
    const index = { GIT_INDEX_FILE: join(folder, 'index') }
    const known = (await headCommit(worktree, signal)) !== undefined
    if (known) await git(worktree, ['read-tree', 'HEAD'], signal, index)
    const nested = await listNested(worktree, signal, index)
    const others = nested.map((path) => `:(exclude,literal)${path}`)
    await git(worktree, ['add', '--all', '--', '.', ...others], signal, index)
    for (const path of nested) await addNested(worktree, path, signal, index)
    const tree = (await git(worktree, ['write-tree'], signal, index)).trim()
    const untouched = known ? await untouchedPaths(worktree, tree, folder, signal) : []
    if (untouched.length === 0) return tree
    const list = await listFile(folder, untouched)
    await git(worktree, ['reset', '--quiet', ...list, 'HEAD'], signal, { ...index, ...LITERAL })
    return (await git(worktree, ['write-tree'], signal, index)).trim()
  })
}

/** Paths are names, whatever characters are in them. */
const LITERAL = { GIT_LITERAL_PATHSPECS: '1' }

/** Of what a tree changes of the last commit: files whose bytes are those of a checkout of that commit. */
async function untouchedPaths(
  worktree: string,
  tree: string,
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const changed = await changedPaths(worktree, 'HEAD', tree, signal)
  const paths = changed.flatMap(({ path, change, oldMode, newMode }) =>
    change === 'modified' && oldMode === newMode && newMode.startsWith('100') ? [path] : [],
  )
  if (paths.length === 0) return []
  const pristine = join(folder, 'pristine')
  await mkdir(pristine)
  // Into an empty folder, so that the attributes are those of the commit too.
  const at = { GIT_WORK_TREE: pristine, GIT_INDEX_FILE: join(folder, 'pristine-index'), ...LITERAL }
  await git(worktree, ['read-tree', 'HEAD'], signal, at)
  await git(worktree, ['checkout', '--quiet', ...(await listFile(folder, paths)), 'HEAD'], signal, at)
  const same = await Promise.all(paths.map((path) => sameBytes(join(pristine, path), join(worktree, path))))
  return paths.filter((_, at) => same[at])
}

/** Puts paths of a worktree back to what they are in a tree, as a checkout would write them. Its index stays as it is. */
export async function restorePaths(
  worktree: string,
  tree: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await withScratch(async (folder) => {
    const index = { GIT_INDEX_FILE: join(folder, 'index'), ...LITERAL }
    await git(worktree, ['read-tree', '--end-of-options', tree], signal, index)
    await git(worktree, ['checkout', '--quiet', ...(await listFile(folder, paths)), tree], signal, index)
  })
}

async function listFile(folder: string, paths: readonly string[]): Promise<readonly string[]> {
  const list = join(folder, 'paths')
  await writeFile(list, paths.join('\0'))
  return [`--pathspec-from-file=${list}`, '--pathspec-file-nul']
}

async function sameBytes(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(ifMissing(undefined))))
  if (a === undefined || b === undefined || a.size !== b.size) return false
  const [left, right] = await Promise.all([readFile(one), readFile(other)])
  return left.equals(right)
}

/** A folder outside every worktree for as long as it is used. */
export async function withScratch<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'speki-index-'))
  try {
    return await use(folder)
  } finally {
    await removeOfAnyAge(folder, dirname(folder))
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

/** Untracked files that no ignore rule names, from the top of the worktree. */
export async function listUntracked(worktree: string, signal: AbortSignal): Promise<readonly string[]> {
  const listed = await git(worktree, ['ls-files', '-z', '--others', '--exclude-standard'], signal)
  return listed.split('\0').filter((path) => path !== '')
}

/** Paths that `git status` names, each with its two letters; of folders that are new as a whole, the folder with a slash. */
export async function changesSeen(
  worktree: string,
  signal: AbortSignal,
  more: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, string>> {
  const args = ['status', '--porcelain', '-z', '--untracked-files=normal', '--no-renames', ...more]
  const lines = (await git(worktree, args, signal, env)).split('\0').filter((line) => line !== '')
  return new Map(lines.map((line) => [line.slice(3), line.slice(0, 2)]))
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
  return (await changesSeen(worktree, signal)).size
}

/**
 * The same without starting a filter or looking into submodules: a file that git would have to run a program for, and whose
 * time or size is not what it was, counts as different.
 */
export async function countAtSight(worktree: string, signal: AbortSignal): Promise<number> {
  const env = settingsEnvironment(withoutPrograms(await git(worktree, LIST_SETTINGS, signal)))
  return (await changesSeen(worktree, signal, ['--ignore-submodules=dirty'], env)).size
}
