import { SpekiError } from '../../errors.ts'
import { commonDirOf, locateWorkingCopy } from '../locate.ts'
import { holdWorktree } from './hold-worktree.ts'

/** The top of a worktree that belongs to the repository at `root`: the working copy itself, or one linked to it. */
export async function openWorktree(path: string, root: string, signal: AbortSignal): Promise<string> {
  // Before git reads anything there, whose `.git` may be an agent's by now.
  await holdWorktree(root, path, false, signal)
  const worktree = await locateWorkingCopy(path, signal)
  if (worktree.commonDir === (await commonDirOf(root, signal))) return worktree.root
  throw new SpekiError('invalid_input', `${worktree.root} is no worktree of the repository at ${root}.`, {
    hint: `Make one with: git -C ${root} worktree add PATH, or work in ${root}.`,
  })
}
