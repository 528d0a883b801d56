import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ifMissing } from '../expected.ts'
import { commonDirOf } from './locate.ts'

/** What all worktrees of a repository share and an agent could use to run programs later: configuration and hooks. */
export interface SharedState {
  readonly folder: string
  /** Content by path inside the git folder. */
  readonly files: ReadonlyMap<string, Buffer>
}

const WATCHED = [
  'config',
  'config.worktree',
  join('info', 'attributes'),
  join('info', 'exclude'),
  // What cuts history off, and where else objects come from: with these gone later, so is what landed.
  'shallow',
  join('objects', 'info', 'alternates'),
]

export async function readSharedState(root: string, signal: AbortSignal): Promise<SharedState> {
  const folder = await commonDirOf(root, signal)
  const hooks = await readdir(join(folder, 'hooks')).catch(ifMissing([]))
  const files = new Map<string, Buffer>()
  for (const path of [...WATCHED, ...hooks.map((name) => join('hooks', name))]) {
    const info = await lstat(join(folder, path)).catch(ifMissing(undefined))
    if (info?.isFile()) files.set(path, await readFile(join(folder, path)))
  }
  return { folder, files }
}

/**
 * Puts configuration and hooks back as they were, keeping what stood there instead under `aside`. Resolves with the paths
 * that differed.
 */
export async function restoreSharedState(
  root: string,
  before: SharedState,
  aside: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const now = await readSharedState(root, signal)
  const paths = [...new Set([...before.files.keys(), ...now.files.keys()])]
  const changed = paths.filter((path) => !same(before.files.get(path), now.files.get(path)))
  for (const path of changed) {
    const [was, is] = [before.files.get(path), now.files.get(path)]
    if (is !== undefined) {
      await mkdir(dirname(join(aside, path)), { recursive: true })
      await writeFile(join(aside, path), is)
    }
    if (was === undefined) await rm(join(before.folder, path), { force: true })
    else await writeFile(join(before.folder, path), was)
  }
  return changed
}

function same(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b)
}
