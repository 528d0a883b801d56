import { SpekiError } from '../errors.ts'
import { git } from './git.ts'
import { countUncommitted } from './tree.ts'
import { listWorktrees, moveRef } from './worktrees.ts'

/** The working copy in which a branch is checked out; undefined where it is in none. */
async function checkoutOf(root: string, branch: string, signal: AbortSignal): Promise<string | undefined> {
  return (await listWorktrees(root, signal)).find((worktree) => worktree.branch === `refs/heads/${branch}`)?.path
}

/** Why a branch cannot be moved forward now; undefined where it can. */
export async function advanceProblem(root: string, branch: string, signal: AbortSignal): Promise<string | undefined> {
  const checkout = await checkoutOf(root, branch, signal)
  if (checkout === undefined) return undefined
  const open = await countUncommitted(checkout, signal)
  return open === 0
    ? undefined
    : `${checkout} has ${branch} checked out with ${open} uncommitted changes: commit or stash them`
}

/**
 * Moves a branch from one commit to a later one, and with it the files of the working copy that has it checked out. Throws
 * `conflict` where it stands elsewhere, `precondition_failed` where uncommitted changes are in the way; then nothing changed.
 */
export async function advanceBranch(
  root: string,
  move: { readonly branch: string; readonly to: string; readonly expected: string },
  signal: AbortSignal,
): Promise<void> {
  const { branch, to, expected } = move
  const checkout = await checkoutOf(root, branch, signal)
  if (checkout === undefined) return await moveRef(root, `refs/heads/${branch}`, to, expected, signal)
  const problem = await advanceProblem(root, branch, signal)
  if (problem !== undefined)
    throw new SpekiError('precondition_failed', `${problem}.`, { hint: 'Then repeat the delivery.' })
  const head = (await git(checkout, ['rev-parse', '--verify', 'HEAD'], signal)).trim()
  if (head === to) return
  if (head !== expected)
    throw new SpekiError('conflict', `${branch} in ${checkout} is at ${head}, not at ${expected} any more.`, {
      hint: 'Test the change set again, then deliver it.',
    })
  await git(checkout, ['merge', '--ff-only', '--quiet', '--end-of-options', to], signal)
}
