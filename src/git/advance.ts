import { lstat, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SpekiError } from '../errors.ts'
import { ifUnreadable } from '../expected.ts'
import { changedPaths } from './difference.ts'
import { git, tryGit } from './git.ts'
import { changesSeen } from './tree.ts'
import { type ListedWorktree, listWorktrees, moveRef } from './worktree/worktrees.ts'

/** Working copies that have a branch checked out, or will have it again once a rebase there is over. */
async function checkoutsOf(root: string, branch: string, signal: AbortSignal): Promise<readonly ListedWorktree[]> {
  const ref = `refs/heads/${branch}`
  const found: ListedWorktree[] = []
  for (const worktree of await listWorktrees(root, signal))
    if (worktree.branch === ref || (await rebasedRef(worktree, signal)) === ref) found.push(worktree)
  return found
}

/** The branch that a rebase in a working copy is about; git lists it as detached meanwhile. */
async function rebasedRef({ path, branch }: ListedWorktree, signal: AbortSignal): Promise<string | undefined> {
  if (branch !== undefined || !(await isThere(path))) return undefined
  const state = await stateFolder(path, signal)
  if (state === undefined) return undefined
  for (const step of ['rebase-merge', 'rebase-apply']) {
    const name = await readFile(join(state, step, 'head-name'), 'utf8').catch(ifUnreadable(undefined))
    if (name !== undefined) return name.trim()
  }
  return undefined
}

/** What git keeps of something that a person began and has not ended, by what it is called. */
const UNFINISHED = {
  MERGE_HEAD: 'merge',
  CHERRY_PICK_HEAD: 'cherry-pick',
  REVERT_HEAD: 'revert',
  'rebase-merge/head-name': 'rebase',
  'rebase-apply/head-name': 'rebase',
  'rebase-apply/applying': 'am',
} as const

/** Where git keeps what belongs to one working copy; undefined where it is none any more. */
async function stateFolder(checkout: string, signal: AbortSignal): Promise<string | undefined> {
  return await tryGit(checkout, ['rev-parse', '--path-format=absolute', '--git-dir'], signal)
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(ifUnreadable(undefined))) !== undefined
}

/**
 * Why a branch cannot be moved to a later commit now, with what mends it; undefined where it can. As in `git merge`, only what
 * the move would touch is in its way: changes that are not committed, and files that git does not know. Those that it ignores
 * are no less a person's, though git itself would overwrite them.
 */
export async function advanceProblem(
  root: string,
  move: { readonly branch: string; readonly to: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const { branch, to } = move
  const [checkout, other] = await checkoutsOf(root, branch, signal)
  if (checkout === undefined) return undefined
  const { path } = checkout
  if (other !== undefined)
    return `${branch} is checked out in ${path} and in ${other.path}, and one of them would be left behind: switch one to another branch`
  if (!(await isThere(path)))
    return `git has ${branch} checked out in a worktree at ${path}, which is not there: bring it back, or let go of it with git -C ${root} worktree ${checkout.locked ? `unlock ${path}` : 'prune'}`
  const state = await stateFolder(path, signal)
  for (const [file, name] of Object.entries(UNFINISHED))
    if (state !== undefined && (await isThere(join(state, file))))
      return `a ${name} is in progress in ${path}: end it with git -C ${path} ${name} --continue or --abort`
  const [changed, unknown] = await inTheWay(path, to, signal)
  const told = (paths: readonly string[]) => `${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ' …' : ''}`
  if (changed.length > 0)
    return `${path} has ${branch} checked out with uncommitted changes in what is delivered (${told(changed)}): commit or stash them`
  if (unknown.length > 0)
    return `files in ${path} that are not in git would be overwritten (${told(unknown)}): move them away, or commit them`
  return undefined
}

/** Paths with uncommitted changes, and paths that git does not know, that a move of HEAD to a commit would touch. */
async function inTheWay(
  checkout: string,
  to: string,
  signal: AbortSignal,
): Promise<readonly [changed: readonly string[], unknown: readonly string[]]> {
  const moved = await changedPaths(checkout, 'HEAD', to, signal)
  const touched = new Set(moved.map(({ path }) => path))
  const seen = [...(await changesSeen(checkout, signal))].filter(([, state]) => state !== '??')
  const changed = seen.map(([path]) => path).filter((path) => touched.has(path))
  const own = new Set(changed)
  const unknown = new Set<string>()
  for (const { path, change } of moved) {
    if (change !== 'added' || own.has(path)) continue
    for (const each of await unknownAt(checkout, path, signal)) unknown.add(each)
  }
  return [changed, [...unknown]]
}

/** What stands where a file would be written: at its place, in a folder of its name, or as a file where a folder has to be. */
async function unknownAt(checkout: string, path: string, signal: AbortSignal): Promise<readonly string[]> {
  for (let at = path; at !== '.'; at = dirname(at)) {
    const there = await lstat(join(checkout, at)).catch(ifUnreadable(undefined))
    if (there === undefined || (at !== path && there.isDirectory())) continue
    const listed = await git(checkout, ['ls-files', '-z', '--others', '--', `:(top,literal)${at}`], signal)
    return listed.split('\0').filter((other) => other !== '')
  }
  return []
}

/**
 * Moves a branch from one commit to a later one, and with it the files of the working copy that has it checked out. Throws
 * `conflict` where it stands elsewhere, `precondition_failed` where something of a person is in the way; then nothing changed.
 */
export async function advanceBranch(
  root: string,
  move: { readonly branch: string; readonly to: string; readonly expected: string },
  signal: AbortSignal,
): Promise<void> {
  const { branch, to, expected } = move
  const [checkout] = await checkoutsOf(root, branch, signal)
  if (checkout === undefined) return await moveRef(root, `refs/heads/${branch}`, to, expected, signal)
  const problem = await advanceProblem(root, move, signal)
  if (problem !== undefined)
    throw new SpekiError('precondition_failed', `${problem}.`, { hint: 'Then repeat the delivery.' })
  const { path } = checkout
  const head = (await git(path, ['rev-parse', '--verify', 'HEAD'], signal)).trim()
  if (head === to) return
  if (head !== expected)
    throw new SpekiError('conflict', `${branch} in ${path} is at ${head}, not at ${expected} any more.`, {
      hint: 'Test the change set again, then deliver it.',
    })
  try {
    await git(path, ['merge', '--ff-only', '--quiet', '--end-of-options', to], signal)
  } catch (error) {
    // git writes the files before it moves the branch: where it cannot do that, they go back.
    await tryGit(path, ['read-tree', '-m', '-u', '--end-of-options', to, expected], signal)
    throw error
  }
}
