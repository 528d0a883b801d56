import { lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SpekiError } from '../../errors.ts'
import { ifMissing } from '../../expected.ts'
import { removeOfAnyAge } from '../../files/remove.ts'
import { git, tryGit } from '../git.ts'
import { withScratch } from '../tree.ts'

/**
 * Puts the content of every submodule that is there in the working copy into a worktree, at the commit that the worktree names,
 * those inside them too. Only files: no repository lies in the worktree, so that git and checkpoints see nothing of it. What
 * was changed in them there is gone afterwards. Throws `precondition_failed` where the working copy lacks that commit.
 */
export async function placeSubmodules(root: string, worktree: string, signal: AbortSignal): Promise<readonly string[]> {
  return await placeOf(root, 'HEAD', worktree, worktree, signal)
}

async function placeOf(
  source: string,
  commit: string,
  reading: string,
  target: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const listed = await git(reading, ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit], signal)
  const links = listed.split('\0').flatMap((line) => {
    const [, id, path] = /^160000 commit ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? []
    return id === undefined || path === undefined ? [] : [{ id, path }]
  })
  const placed: string[] = []
  for (const { id, path } of links) {
    const from = join(source, path)
    if ((await lstat(join(from, '.git')).catch(ifMissing(undefined))) === undefined) continue
    if ((await tryGit(from, ['cat-file', '-e', `${id}^{commit}`], signal)) === undefined)
      throw new SpekiError(
        'precondition_failed',
        `The submodule ${path} lacks the commit ${id.slice(0, 10)} in ${source}.`,
        {
          hint: 'Run git submodule update --init there, then repeat.',
        },
      )
    const to = join(target, path)
    await refuseLinks(target, path)
    await removeOfAnyAge(to, target)
    await mkdir(to, { recursive: true })
    await withScratch(async (folder) => {
      const at = {
        GIT_DIR: (await git(from, ['rev-parse', '--absolute-git-dir'], signal)).trim(),
        GIT_WORK_TREE: to,
        GIT_INDEX_FILE: join(folder, 'index'),
      }
      await git(to, ['read-tree', '--end-of-options', id], signal, at)
      await git(to, ['checkout-index', '--all', '--force'], signal, at)
    })
    placed.push(path, ...(await placeOf(from, id, from, to, signal)).map((below) => `${path}/${below}`))
  }
  return placed
}

/** A folder on the way that is a link leads elsewhere, and what is there is somebody's own. */
async function refuseLinks(target: string, path: string): Promise<void> {
  const parts = path.split('/')
  for (let length = 1; length < parts.length; length += 1) {
    const above = parts.slice(0, length).join('/')
    if ((await lstat(join(target, above)).catch(ifMissing(undefined)))?.isSymbolicLink() === true)
      throw new SpekiError(
        'precondition_failed',
        `${above} is a link in ${target}, where the submodule ${path} belongs.`,
        {
          hint: 'Make it a folder again.',
        },
      )
  }
}
