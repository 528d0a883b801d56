import { mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { SpekiError } from '../../errors.ts'
import { ifMissing, ifRefused } from '../../expected.ts'
import { placeInside, removeInside } from '../../files/remove.ts'
import { awaitMarked } from '../../process/marked.ts'
import { markOfFolder } from '../../process/process-list.ts'
import { git, tryGit } from '../git.ts'
import { makePrivateTree } from './private-repository.ts'
import { findPlace, forgetPlace, outsideOf, rememberPlace } from './worktree-place.ts'

/** A worktree as git lists it. */
export interface ListedWorktree {
  readonly path: string
  /** Full ref name; undefined where HEAD is detached. */
  readonly branch: string | undefined
  readonly head: string | undefined
  readonly locked: boolean
}

/** Where a private tree lies, or lay. */
export interface WorktreePlace {
  readonly path: string
  /** Without `refs/heads/`; undefined where HEAD is detached. */
  readonly branch: string | undefined
  /** The folder of SPEKI's own in which it lies. */
  readonly within: string
}

/**
 * Makes a private tree of a commit, on a branch of its own or detached, whatever a killed predecessor left at its place.
 * Writes nothing to the repository at `root`. Repeating it gives the same, freshly.
 */
export async function addWorktree(
  root: string,
  place: WorktreePlace & { readonly commit: string },
  signal: AbortSignal,
): Promise<void> {
  await removeWorktree(root, place, signal)
  await mkdir(dirname(place.path), { recursive: true })
  const free = await placeInside(place.path, place.within)
  if (free === undefined) throw new SpekiError('internal', `There is no folder ${place.within} to work in.`)
  const tree = { root, worktree: join(free.parent, free.name), base: place.commit, within: free.top }
  await makePrivateTree(tree, place.branch, markOfFolder(place.path), signal)
  const held = findPlace(tree.worktree)
  if (held !== undefined) rememberPlace(held, place.path)
}

/** Removes what was made at a place, in whatever state it is; what is not there is fine. A link that stands there goes, not what it leads to. */
export async function removeWorktree(root: string, place: WorktreePlace, signal: AbortSignal): Promise<void> {
  // Git that makes it goes on for a moment when its caller is killed.
  await awaitMarked(markOfFolder(place.path), signal)
  // Never where a link at the end leads: that may be another worktree, of a person.
  const parent = await realPlace(dirname(place.path))
  const path = join(parent, basename(place.path))
  forgetPlace(place.path, path)
  await removeInside(outsideOf(place.path, place.within), place.within)
  const top = await realPlace(place.within)
  // Where a link was put on the way, nothing of ours lies there any more: the link goes with the folder that it stands for.
  if (parent !== top && !parent.startsWith(`${top}${sep}`)) return
  await removeInside(place.path, place.within)
  await removeListed(root, path, place.branch, signal)
}

/** Releases before this one made worktrees of the repository itself: what it still lists at this place goes, with its branch. */
async function removeListed(
  root: string,
  path: string,
  branch: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  // A repository that is not at its place lists nothing; what it had listed is its own to prune.
  const listed = await listWorktrees(root, signal).catch(ifRefused(undefined))
  if (listed === undefined) return
  const entry = listed.find((worktree) => worktree.path === path)
  if (entry?.locked === true) await tryGit(root, ['worktree', 'unlock', '--', path], signal)
  if (entry !== undefined) await tryGit(root, ['worktree', 'remove', '--force', '--force', '--', path], signal)
  await removeEntry(root, path, signal)
  // A branch of that name that was not checked out there is somebody's.
  if (branch !== undefined && entry?.branch === `refs/heads/${branch}` && entry.head !== undefined)
    await deleteRef(root, entry.branch, entry.head, signal)
}

/**
 * Removes what git keeps of a worktree where git itself could not, as of one it only began to make. No prune: that would take
 * entries of people, whose folders may lie on a drive that is not there now.
 */
async function removeEntry(root: string, path: string, signal: AbortSignal): Promise<void> {
  const entries = await gitPath(root, 'worktrees', signal)
  for (const name of await readdir(entries).catch(ifMissing([]))) {
    const gitdir = await readFile(join(entries, name, 'gitdir'), 'utf8').catch(ifMissing(''))
    if (gitdir.trim() === join(path, '.git')) await removeInside(join(entries, name), entries)
  }
}

async function gitPath(root: string, path: string, signal: AbortSignal): Promise<string> {
  return (await git(root, ['rev-parse', '--path-format=absolute', '--git-path', path], signal)).trim()
}

/** A lock so old belongs to a git that was killed: writing a ref takes milliseconds, and nobody but us writes ours. */
const STALE_LOCK_MS = 60_000

/** Changes one of our own refs, once more where a git that was killed had left its lock on it. */
async function withoutStaleLock<T>(
  root: string,
  ref: string,
  change: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await change()
  } catch (error) {
    const lock = await gitPath(root, `${ref}.lock`, signal)
    const age = Date.now() - ((await stat(lock).catch(ifMissing(undefined)))?.mtimeMs ?? Number.POSITIVE_INFINITY)
    if (!/^refs\/(?:heads\/)?speki\//.test(ref) || age < STALE_LOCK_MS) throw error
    await removeInside(lock, dirname(lock))
    return await change()
  }
}

export async function listWorktrees(root: string, signal: AbortSignal): Promise<readonly ListedWorktree[]> {
  const output = await git(root, ['worktree', 'list', '--porcelain', '-z'], signal)
  return output
    .split('\0\0')
    .map((block) => new Map(block.split('\0').map((line) => [line.split(' ', 1)[0] ?? '', line.replace(/^\S+ ?/, '')])))
    .flatMap((fields) => {
      const path = fields.get('worktree')
      return path === undefined
        ? []
        : [{ path, branch: fields.get('branch'), head: fields.get('HEAD'), locked: fields.has('locked') }]
    })
}

/** Deletes a ref that still points at `expected`; one that stands elsewhere, or is gone, stays as it is. */
export async function deleteRef(root: string, ref: string, expected: string, signal: AbortSignal): Promise<void> {
  if ((await readRef(root, ref, signal)) !== expected) return
  await withoutStaleLock(root, ref, async () => await git(root, ['update-ref', '-d', ref, expected], signal), signal)
}

/** The commit a full ref name points at; undefined where there is none. */
export async function readRef(root: string, ref: string, signal: AbortSignal): Promise<string | undefined> {
  return await tryGit(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], signal)
}

/** No commit: the ref must not exist. */
export const ABSENT = '0'.repeat(40)

/** Moves a ref if it still points at `expected`; throws `conflict` and changes nothing where it does not. */
export async function moveRef(
  root: string,
  ref: string,
  to: string,
  expected: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const move = async () => await git(root, ['update-ref', '--end-of-options', ref, to, expected], signal)
    await withoutStaleLock(root, ref, move, signal)
  } catch (error) {
    const now = await readRef(root, ref, signal)
    if (now === to) return
    if ((now ?? ABSENT) === expected) throw error
    throw new SpekiError('conflict', `${ref} in ${root} is at ${now ?? 'nothing'}, not at ${expected} any more.`, {
      hint: 'Somebody moved it; look at it, then repeat the call.',
    })
  }
}

/** The real path of a place whose last parts need not exist: git lists worktrees by real path. */
async function realPlace(path: string): Promise<string> {
  if ((await stat(path).catch(ifMissing(undefined))) !== undefined) return await realpath(path)
  const above = dirname(path)
  return above === path ? path : join(await realPlace(above), path.slice(above.length + 1))
}
