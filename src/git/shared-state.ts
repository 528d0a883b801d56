import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ifMissing, ifRefused, ifUnreadable } from '../expected.ts'
import { git, tryGit } from './git.ts'
import { commonDirOf } from './locate.ts'
import { ABSENT } from './worktree/worktrees.ts'

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

/** Between values of one setting: each may have lines. */
const VALUES = '\0'

const FILES = ['info/attributes', 'info/exclude', 'info/grafts', 'info/sparse-checkout', 'objects/info/alternates', 'shallow', 'config.worktree'] // biome-ignore format: one list

/** Reads it all, running nothing and writing nothing. */
export async function readSharedState(root: string, signal: AbortSignal): Promise<SharedState> {
  const folder = await commonDirOf(root, signal)
  const state = new Map<string, string>()
  const add = (name: string, value: string) => {
    const known = state.get(name)
    state.set(name, known === undefined ? value : `${known}${VALUES}${value}`)
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
  for (const { name, message } of await readStash(root, signal)) add(name, message)
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
 * and a working copy keeps its files. Entries of the stash: `putBackStash`.
 */
export async function putBack(
  root: string,
  { name, before, now }: SharedChange,
  signal: AbortSignal,
): Promise<boolean> {
  const [kind = '', of = ''] = [name.split(' ', 1)[0], name.slice(name.indexOf(' ') + 1)]
  const run = async (...args: string[]) => (await tryGit(root, args, signal)) !== undefined
  if (kind === 'setting') {
    if ((await readSetting(root, of, signal)) !== now) return false
    if (now !== undefined && !(await run('config', '--local', '--unset-all', of))) return false
    for (const value of before?.split(VALUES) ?? [])
      if (!(await run('config', '--local', '--add', of, value))) return false
    return true
  }
  if (kind === 'ref')
    return before === undefined
      ? await run('update-ref', '--no-deref', '-d', of, now ?? ABSENT)
      : await run('update-ref', '--no-deref', '-m', 'speki: put back', of, before, now ?? ABSENT)
  if (kind === 'HEAD' && before?.startsWith('ref: ') === true)
    return await run('symbolic-ref', '-m', 'speki: put back', 'HEAD', before.slice(5))
  // Git refuses where anything was done in it.
  if (kind === 'worktree' && before === undefined) return await run('worktree', 'remove', '--', of)
  return false
}

async function readSetting(root: string, key: string, signal: AbortSignal): Promise<string | undefined> {
  const listed = await git(root, ['config', '--local', '--get-all', '-z', key], signal).catch(ifRefused(undefined))
  return listed?.replace(/\0$/, '')
}

/**
 * Brings entries of the stash back to where they stood among the others, and takes added ones away. What lies below all
 * of them is not touched. Resolves with whether the stash is as it should be.
 */
export async function putBackStash(
  root: string,
  before: SharedState,
  changes: readonly SharedChange[],
  signal: AbortSignal,
): Promise<boolean> {
  const changed = new Set(changes.map(({ name }) => name))
  const order = [...before.keys()].filter((name) => name.startsWith('stash '))
  const now = await readStash(root, signal)
  const wanted = now.filter(({ name }) => !changed.has(name))
  for (const [at, name] of [...order.entries()].reverse()) {
    if (!changed.has(name)) continue
    const below = new Set(order.slice(at + 1))
    const place = wanted.findIndex((entry) => below.has(entry.name))
    wanted.splice(place < 0 ? wanted.length : place, 0, { name, message: before.get(name) ?? '' })
  }
  let same = 0
  while (same < now.length && now.at(-1 - same)?.name === wanted.at(-1 - same)?.name) same += 1
  const run = async (...args: string[]) => (await tryGit(root, args, signal)) !== undefined
  // Not `stash drop`: what an agent put there need not be what git takes for an entry.
  for (const { name } of now.slice(0, now.length - same)) {
    const top = await tryGit(root, ['rev-parse', '--verify', '--quiet', 'refs/stash'], signal)
    if (`stash ${top}` !== name || !(await run('reflog', 'delete', '--updateref', '--rewrite', 'refs/stash@{0}')))
      return false
  }
  if (same === 0 && now.length > 0 && !(await run('update-ref', '-d', 'refs/stash'))) return false
  for (const { name, message } of wanted.slice(0, wanted.length - same).reverse())
    if (!(await run('stash', 'store', '--quiet', '-m', message, name.slice(6)))) return false
  return true
}

/** Newest first. */
async function readStash(
  root: string,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly message: string }[]> {
  const listed = await tryGit(root, ['log', '--walk-reflogs', '--format=%H %gs', 'refs/stash', '--'], signal)
  return lines(listed, '\n').map((line) => ({ name: `stash ${line.slice(0, 40)}`, message: line.slice(41) }))
}
