import { commitTree, treeOf } from './commit.ts'
import { git, tryGit } from './git.ts'

/** Two commits put together without a checkout: the tree, or the paths in which they contradict each other. */
export type Merged =
  | { readonly tree: string; readonly conflicts?: undefined }
  | { readonly tree?: undefined; readonly conflicts: readonly string[] }

/** Merges `theirs` into `ours` over their common history; touches no worktree, index or ref. */
export async function mergeTrees(root: string, ours: string, theirs: string, signal: AbortSignal): Promise<Merged> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', '--end-of-options', ours, theirs]
  const tree = await tryGit(root, args, signal)
  if (tree !== undefined) return { tree: tree.replace(/\0.*$/s, '') }
  // The same again for its list: a conflict is no success, and the runner hands out successes alone.
  return { conflicts: await conflictsBetween(root, ours, theirs, signal) }
}

/** The same over a base that is given, whatever history they have: what `theirs` changed of it, on top of `ours`. */
export async function mergeOver(
  root: string,
  base: string,
  { ours, theirs }: { readonly ours: string; readonly theirs: string },
  signal: AbortSignal,
): Promise<Merged> {
  // git before 2.40 takes no base, so both become commits on it.
  const alone = async (commit: string, parents: readonly string[]) =>
    await commitTree(root, { tree: await treeOf(root, commit, signal), parents, message: 'speki', at: 0 }, signal)
  const from = await alone(base, [])
  return await mergeTrees(root, await alone(ours, [from]), await alone(theirs, [from]), signal)
}

async function conflictsBetween(root: string, ours: string, theirs: string, signal: AbortSignal): Promise<string[]> {
  const base = (await git(root, ['merge-base', '--end-of-options', ours, theirs], signal)).trim()
  const changed = async (to: string) => {
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--end-of-options', base, to]
    return (await git(root, args, signal)).split('\0').filter((path) => path !== '')
  }
  const mine = new Set(await changed(ours))
  return (await changed(theirs)).filter((path) => mine.has(path))
}
