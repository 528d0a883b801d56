import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ifMissing, ifUnreadable } from '../expected.ts'
import { git, tryGit } from './git.ts'
import { commonDirOf } from './locate.ts'
import { ABSENT } from './worktrees.ts'

/**
 * What people and all their worktrees share in a repository, by name: `setting user.name`, `file hooks/pre-commit`,
 * `ref refs/heads/main`, `stash 3f2a…`, `HEAD`, `worktree /path`. The refs of SPEKI itself are not in it.
 */
export type SharedState = ReadonlyMap<string, string>

/** Something of it that is not as it was; a side that is undefined was not there. */
export interface SharedChange {
  readonly name: string
  readonly before: string | undefined
  readonly now: string | undefined
}

const FILES = ['info/attributes', 'info/exclude', 'info/grafts', 'info/sparse-checkout', 'objects/info/alternates', 'shallow', 'config.worktree'] // biome-ignore format: one list

/** Reads it all, running nothing and writing nothing. */
export async function readSharedState(root: string, signal: AbortSignal): Promise<SharedState> {
  const folder = await commonDirOf(root, signal)
  const state = new Map<string, string>()
  const add = (name: string, value: string) => {
    const known = state.get(name)
    state.set(name, known === undefined ? value : `${known}\n${value}`)
  }
  for (const entry of lines(await tryGit(root, ['config', '--local', '--list', '-z'], signal), '\0')) {
    const end = entry.indexOf('\n')
    add(`setting ${end < 0 ? entry : entry.slice(0, end)}`, end < 0 ? 'true' : entry.slice(end + 1))
  }
  const hooks = await readdir(join(folder, 'hooks')).catch(ifMissing<string[]>([]))
  for (const path of [...FILES, ...hooks.map((name) => `hooks/${name}`)]) {
    const bytes = await readFile(join(folder, path)).catch(ifUnreadable(undefined))
    if (bytes !== undefined) add(`file ${path}`, bytes.toString('base64'))
  }
  const listed = await git(root, ['for-each-ref', '--format=%(refname) %(objectname)'], signal)
  for (const line of lines(listed, '\n')) {
    const [ref = '', object = ''] = line.split(' ')
    if (!/^refs\/(?:heads\/)?speki[/-]/.test(ref) && ref !== 'refs/stash') add(`ref ${ref}`, object)
  }
  const stashed = await tryGit(root, ['log', '--walk-reflogs', '--format=%H %gs', 'refs/stash', '--'], signal)
  for (const line of lines(stashed, '\n')) add(`stash ${line.slice(0, 40)}`, line.slice(41))
  add('HEAD', (await readFile(join(folder, 'HEAD'), 'utf8')).trim())
  for (const line of lines(await git(root, ['worktree', 'list', '--porcelain'], signal), '\n'))
    if (line.startsWith('worktree ')) add(line, 'there')
  return state
}

function lines(text: string | undefined, by: string): readonly string[] {
  return (text ?? '').split(by).filter((line) => line !== '')
}

/** What changed between two readings, by name. */
export function sharedChanges(before: SharedState, now: SharedState): readonly SharedChange[] {
  return [...new Set([...before.keys(), ...now.keys()])]
    .filter((name) => before.get(name) !== now.get(name))
    .sort()
    .map((name) => ({ name, before: before.get(name), now: now.get(name) }))
}

/**
 * Puts one thing back, if it still is as it was seen. Resolves with whether it did; a hook or another file is never written,
 * and a working copy keeps its files.
 */
export async function putBack(
  root: string,
  { name, before, now }: SharedChange,
  signal: AbortSignal,
): Promise<boolean> {
  const [kind = '', of = ''] = [name.split(' ', 1)[0], name.slice(name.indexOf(' ') + 1)]
  const run = async (...args: string[]) => (await tryGit(root, args, signal)) !== undefined
  if (kind === 'setting') {
    if ((await tryGit(root, ['config', '--local', '--get-all', of], signal)) !== now) return false
    if (now !== undefined && !(await run('config', '--local', '--unset-all', of))) return false
    for (const value of before?.split('\n') ?? [])
      if (!(await run('config', '--local', '--add', of, value))) return false
    return true
  }
  if (kind === 'ref')
    return before === undefined
      ? await run('update-ref', '-d', of, now ?? ABSENT)
      : await run('update-ref', '--no-deref', '-m', 'speki: put back', of, before, now ?? ABSENT)
  if (kind === 'stash') return before !== undefined && (await run('stash', 'store', '--quiet', '-m', before, of))
  if (kind === 'HEAD' && before?.startsWith('ref: ') === true)
    return await run('symbolic-ref', '-m', 'speki: put back', 'HEAD', before.slice(5))
  return false
}

/**
 * Whether a command is likely to have made a change. It is asked of commands that ran in the very repository, and of
 * changes that were made while they did; `heads` are what HEAD was and is.
 */
export function mayHaveMade(argv: readonly string[], { name }: SharedChange, heads: readonly string[]): boolean {
  const words = argv.slice(1).map((word) => word.toLowerCase())
  const does = (...commands: string[]) => words.some((word) => commands.includes(word))
  const names = (text: string) => words.some((word) => word.includes(text.toLowerCase()))
  const [kind = '', of = ''] = [name.split(' ', 1)[0], name.slice(name.indexOf(' ') + 1)]
  const below = of.split('.').slice(1, -1).join('.')
  switch (kind) {
    case 'setting':
      return (
        (does('config') && names(of)) ||
        (below !== '' && names(below) && does('remote', 'branch', 'submodule', 'config', 'checkout', 'switch', 'push'))
      )
    case 'stash':
      return does('stash')
    case 'worktree':
      return does('worktree')
    case 'HEAD':
      return does('checkout', 'switch', 'symbolic-ref', 'rebase', 'bisect', 'branch', 'update-ref')
    case 'ref':
      if (of.startsWith('refs/remotes/')) return does('fetch', 'pull', 'push', 'remote', 'update-ref')
      return names(of.replace(/^refs\/(?:heads|tags)\//, '')) || (heads.includes(`ref: ${of}`) && does('commit', 'reset', 'merge', 'rebase', 'pull', 'cherry-pick', 'revert', 'am', 'update-ref', 'checkout', 'switch')) // biome-ignore format: one list
    default:
      return false
  }
}
