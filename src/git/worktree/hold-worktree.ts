import { lstat, readdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { ifMissing, ifUnreadable } from '../../expected.ts'
import { git, LIST_SETTINGS } from '../git.ts'
import { commonDirOf } from '../locate.ts'
import { programsNow } from '../program-settings.ts'
import { findPlace, outsideOf, rememberPlace } from './worktree-place.ts'

/** Name of a file in the git folder of a worktree that SPEKI made: the programs that were set before, for other processes. */
const PROGRAMS = 'speki-programs'
const Programs = z.array(z.string())

/**
 * From here on git takes a linked worktree as it is now, whatever an agent makes of its `.git` or of the configuration.
 * `made`: by this process just now; else what was written down then counts, and in a worktree of the person what is set
 * now. Which git folder is its own, the repository at `root` says; where that knows none, nothing is held.
 */
export async function holdWorktree(root: string, path: string, made: boolean, signal: AbortSignal): Promise<void> {
  const worktree = await realpath(path).catch(ifUnreadable(undefined))
  if (worktree === undefined || findPlace(worktree)?.worktree === worktree) return
  const commonDir = await commonDirOf(root, signal)
  const gitDir = (await findOutside(worktree)) ?? (await gitDirOf(commonDir, worktree))
  if (gitDir === undefined) return
  const file = join(gitDir, PROGRAMS)
  const written = made ? undefined : await readFile(file, 'utf8').catch(ifMissing(undefined))
  const programs =
    written === undefined ? programsNow(await git(root, LIST_SETTINGS, signal)) : Programs.parse(JSON.parse(written))
  if (made) await writeFile(file, JSON.stringify(programs))
  const commonText = await readFile(join(gitDir, 'commondir'), 'utf8')
  rememberPlace({ root, worktree, gitDir, commonDir, commonText, programs: new Set(programs) }, path)
}

/** Index and HEAD of a private tree, in the folder of SPEKI's that it lies in; undefined where it is none. */
async function findOutside(worktree: string): Promise<string | undefined> {
  for (let within = dirname(worktree); within !== dirname(within); within = dirname(within)) {
    const outside = outsideOf(worktree, within)
    if ((await lstat(join(outside, 'HEAD')).catch(ifUnreadable(undefined)))?.isFile() === true) return outside
  }
  return undefined
}

async function gitDirOf(commonDir: string, worktree: string): Promise<string | undefined> {
  const entries = join(commonDir, 'worktrees')
  for (const name of await readdir(entries).catch(ifMissing([]))) {
    const back = await readFile(join(entries, name, 'gitdir'), 'utf8').catch(ifUnreadable(''))
    // Newer versions of git may write it relative to the folder that it stands in.
    if (back !== '' && resolve(join(entries, name), back.trim()) === join(worktree, '.git')) return join(entries, name)
  }
  return undefined
}
