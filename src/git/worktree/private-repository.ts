import { copyFile, lstat, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SpekiError } from '../../errors.ts'
import { ifMissing, ifRefused } from '../../expected.ts'
import { replaceInside } from '../../files/replace.ts'
import { git } from '../git.ts'
import { markGit } from '../git-mark.ts'
import { commonDirOf } from '../locate.ts'
import { excludes } from '../ref-names.ts'
import { completeFiles } from '../remote.ts'
import { withoutCredentials } from '../remote-url.ts'
import { holdWorktree } from './hold-worktree.ts'
import { findPlace, outsideOf } from './worktree-place.ts'

/**
 * Files of a commit in a repository of their own, which borrows the objects of the one they come from and writes none there.
 * Who works in it with git (settings, branches, tags, stash, hooks, other worktrees) changes that copy alone. Our own git
 * reads the same files from outside, as a worktree of the repository they come from: with that one's settings, filters and
 * ignore rules, and an index and a HEAD that lie out of the way, whatever the copy's own git folder has become.
 */
export interface PrivateTree {
  /** Working copy of the repository it comes from. */
  readonly root: string
  readonly worktree: string
  /** The commit it begins at, of the repository it comes from. */
  readonly base: string
  /** Folder of SPEKI's own in which it lies. */
  readonly within: string
}

/** Every file is there, and in one index: what the person chose for the own working copy does not count here. */
const WHOLE = ['-c', 'core.sparseCheckout=false', '-c', 'index.sparse=false', '-c', 'core.splitIndex=false']

/** Makes a private tree in a folder that is not there yet, on a branch of its own or detached. Runs no hook of anybody. */
export async function makePrivateTree(
  { root, worktree, base, within }: PrivateTree,
  branch: string | undefined,
  mark: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(dirname(worktree), { recursive: true })
  await mkdir(worktree)
  const folder = join(worktree, '.git')
  const common = await commonDirOf(root, signal)
  await markGit(mark, async () => {
    await completeFiles(root, base, signal)
    const format = (await git(root, ['rev-parse', '--show-object-format'], signal)).trim()
    const objects = (await git(root, ['rev-parse', '--path-format=absolute', '--git-path', 'objects'], signal)).trim()
    for (const part of [join('objects', 'info'), 'refs', 'info']) await mkdir(join(folder, part), { recursive: true })
    await writeFile(join(folder, 'objects', 'info', 'alternates'), `${quotePath(objects)}\n`)
    await writeFile(join(folder, 'config'), await settingsFor(root, format, signal))
    for (const name of ['shallow', join('info', 'exclude'), join('info', 'attributes')])
      await copyFile(join(common, name), join(folder, name)).catch(ifMissing(undefined))
    await writeRefs(
      root,
      folder,
      branch === undefined ? undefined : { ref: `refs/heads/${branch}`, commit: base },
      signal,
    )
    await writeFile(join(folder, 'HEAD'), branch === undefined ? `${base}\n` : `ref: refs/heads/${branch}\n`)
    const outside = outsideOf(worktree, within)
    await mkdir(outside, { recursive: true })
    await writeFile(join(outside, 'commondir'), `${common}\n`)
    await writeFile(join(outside, 'HEAD'), `${base}\n`)
    await holdWorktree(root, worktree, true, signal)
    await git(worktree, [...WHOLE, 'read-tree', '--reset', '-u', '--end-of-options', base], signal)
    await copyFile(join(outside, 'index'), join(folder, 'index'))
  })
}

/** Lets the private tree's own git see what ours made of its files: the same HEAD and index. One that an agent exchanged stays. */
export async function showPlace(worktree: string): Promise<void> {
  const place = findPlace(worktree)
  const folder = await privateGitFolder(worktree).catch(ifRefused(undefined))
  if (place === undefined || folder === undefined) return
  for (const name of VIEW) await replaceInside(join(folder, name), await readFile(join(place.gitDir, name)), worktree)
}

/** The same for as long as something runs there; then the private tree's own git sees what it saw before. */
export async function whilePlaceShown<T>(worktree: string, use: () => Promise<T>): Promise<T> {
  const folder = await privateGitFolder(worktree).catch(ifRefused(undefined))
  if (folder === undefined) return await use()
  const before = await Promise.all(VIEW.map((name) => readFile(join(folder, name)).catch(ifMissing(undefined))))
  await showPlace(worktree)
  try {
    return await use()
  } finally {
    for (const [at, name] of VIEW.entries()) {
      const bytes = before[at]
      if (bytes !== undefined) await replaceInside(join(folder, name), bytes, worktree)
    }
  }
}

/** What git goes by when it says what is committed and what is not. */
const VIEW = ['HEAD', 'index']

/** The git folder of a private tree. Throws where something else was put in its place, which may be somebody's repository. */
export async function privateGitFolder(worktree: string): Promise<string> {
  const folder = join(worktree, '.git')
  if ((await lstat(folder).catch(ifMissing(undefined)))?.isDirectory() === true) return folder
  throw new SpekiError('precondition_failed', `The git folder of ${worktree} is not the one SPEKI made any more.`, {
    hint: 'Release the task and claim it again for a fresh one.',
  })
}

/** A line of a list of object folders: paths with such signs have to be quoted there. */
export function quotePath(path: string): string {
  if (!/["\\\n#]/.test(path)) return path
  return `"${path.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
}

/** What is the person's own working copy's, or would act in a person's name. */
const LEFT_OUT =
  /^(?:core\.(?:bare|worktree|repositoryformatversion|sparsecheckout\w*|splitindex|untrackedcache|fsmonitor)|index\.sparse|extensions\.|include(?:if)?\.|credential\.|http\..*extraheader$|maintenance\.|(?:commit|tag|push)\.gpgsign$|branch\.speki\/)/

/** The settings of a repository as those of a copy of it, without credentials. */
async function settingsFor(root: string, format: string, signal: AbortSignal): Promise<string> {
  const listed = await git(root, ['config', '--local', '--includes', '--list', '-z'], signal)
  const entries = listed
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry): readonly [string, string | undefined] => {
      const end = entry.indexOf('\n')
      return end < 0 ? [entry, undefined] : [entry.slice(0, end), entry.slice(end + 1)]
    })
  const promisor = entries.findLast(([key]) => key === 'extensions.partialclone')
  const own: [string, string | undefined][] = [
    ['core.repositoryformatversion', format === 'sha1' && promisor === undefined ? '0' : '1'],
    ['core.bare', 'false'],
    // Nobody but the person signs with a key of theirs.
    ['commit.gpgsign', 'false'],
    ['tag.gpgsign', 'false'],
    ['gc.auto', '0'],
  ]
  if (format !== 'sha1') own.push(['extensions.objectformat', format])
  if (promisor !== undefined) own.push([promisor[0], promisor[1]])
  const kept = entries
    .filter(([key]) => !LEFT_OUT.test(key))
    .map(([key, value]) => [key, hereafter(key, value)] as const)
  return [...own, ...kept].map(([key, value]) => writeSetting(key, value)).join('')

  function hereafter(key: string, value: string | undefined): string | undefined {
    if (value === undefined || !/^(?:remote|submodule)\..*\.(?:push)?url$/.test(key)) return value
    return /^\.\.?\//.test(value) ? join(root, value) : withoutCredentials(value)
  }
}

function writeSetting(key: string, value: string | undefined): string {
  const [first, last] = [key.indexOf('.'), key.lastIndexOf('.')]
  const below = first === last ? '' : ` "${key.slice(first + 1, last).replaceAll(/["\\]/g, '\\$&')}"`
  const text = value?.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  return `[${key.slice(0, first)}${below}]\n\t${key.slice(last + 1)}${text === undefined ? '' : ` = "${text}"`}\n`
}

/** Branches, tags and what is known of remotes, as checks and agents look at them; the stash and what is ours stay behind. */
async function writeRefs(
  root: string,
  folder: string,
  own: { readonly ref: string; readonly commit: string } | undefined,
  signal: AbortSignal,
): Promise<void> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname) %(symref)', 'refs/heads', 'refs/tags', 'refs/remotes', 'refs/notes'] // biome-ignore format: one call
  const lines: string[] = own === undefined ? [] : [`${own.commit} ${own.ref}`]
  for (const line of (await git(root, args, signal)).split('\n')) {
    const [object = '', ref = '', symbolic = ''] = line.split(' ')
    if (ref === '' || (own !== undefined && excludes(ref, own.ref))) continue
    if (symbolic === '') lines.push(`${object} ${ref}`)
    else {
      await mkdir(dirname(join(folder, ref)), { recursive: true })
      await writeFile(join(folder, ref), `ref: ${symbolic}\n`)
    }
  }
  await writeFile(join(folder, 'packed-refs'), `${lines.join('\n')}\n`)
}
