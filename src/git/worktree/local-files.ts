import { cp, lstat, mkdir, realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { ifMissing } from '../../expected.ts'
import { git } from '../git.ts'

/** Names, in the syntax of .gitignore, ignored files of the working copy that a fresh worktree needs too. */
const LIST = '.worktreeinclude'

/** What git ignores in a working copy: files, and folders that are ignored as a whole with a slash. */
export async function listIgnored(root: string, signal: AbortSignal): Promise<readonly string[]> {
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory']
  return (await git(root, args, signal)).split('\0').filter((path) => path !== '')
}

/** Copies the files that the working copy's list names, where they are ignored there and not in the worktree yet. */
export async function bringLocalFiles(root: string, worktree: string, signal: AbortSignal): Promise<readonly string[]> {
  const list = join(root, LIST)
  if ((await lstat(list).catch(ifMissing(undefined)))?.isFile() !== true) return []
  const listing = ['ls-files', '-z', '--others', '--ignored']
  const named = (await git(root, [...listing, `--exclude-from=${list}`], signal))
    .split('\0')
    .filter((path) => path !== '')
  const ignored = new Set((await git(root, [...listing, '--exclude-standard'], signal)).split('\0'))
  const brought: string[] = []
  for (const path of named.filter((path) => ignored.has(path))) {
    const target = join(worktree, path)
    if ((await lstat(target).catch(ifMissing(undefined))) !== undefined) continue
    await mkdir(dirname(target), { recursive: true })
    // A tracked link may lead out of the worktree.
    if (!`${await realpath(dirname(target))}${sep}`.startsWith(`${await realpath(worktree)}${sep}`)) continue
    await cp(join(root, path), target, { verbatimSymlinks: true, preserveTimestamps: true })
    brought.push(path)
  }
  return brought
}
