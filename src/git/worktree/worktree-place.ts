import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { ifMissing } from '../../expected.ts'

/** A worktree that SPEKI made or was handed, as it was before an agent worked in it. */
export interface WorktreePlace {
  /** Top of the working copy that it is linked to. */
  readonly root: string
  readonly worktree: string
  /** Its own git folder, whatever its `.git` names now. */
  readonly gitDir: string
  readonly commonDir: string
  /** What `commondir` in its git folder said. */
  readonly commonText: string
  /** Settings that name programs, as `key=value`, that were there before. */
  readonly programs: ReadonlySet<string>
}

const places = new Map<string, WorktreePlace>()

export function rememberPlace(place: WorktreePlace, ...names: readonly string[]): void {
  for (const name of [place.worktree, ...names]) places.set(name, place)
}

export function forgetPlace(...names: readonly string[]): void {
  for (const name of names) places.delete(name)
}

/** The place that a folder is in. */
export function findPlace(folder: string): WorktreePlace | undefined {
  for (const [path, place] of places) if (folder === path || folder.startsWith(path + sep)) return place
  return undefined
}

/** A place that is linked to the working copy or bare folder `root`, so that its configuration is shared with an agent. */
export function findPlaceOf(root: string): WorktreePlace | undefined {
  for (const place of places.values()) if (place.root === root) return place
  return undefined
}

/** Makes git use the place as it was made: `.git` and `core.worktree` are not asked, and `commondir`, which is, is put back. */
export function placeEnvironment({ worktree, gitDir, commonDir, commonText }: WorktreePlace): Record<string, string> {
  const file = join(gitDir, 'commondir')
  if (readText(file) !== commonText) writeFileSync(file, commonText)
  return { GIT_DIR: gitDir, GIT_WORK_TREE: worktree, GIT_COMMON_DIR: commonDir }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return ifMissing(undefined)(error)
  }
}

/** Where our own git keeps index and HEAD of a private tree that lies below `within`: beside all that agents work in. */
export function outsideOf(worktree: string, within: string): string {
  return join(within, 'trees', relative(within, worktree))
}
