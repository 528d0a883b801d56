import { git } from './git.ts'

/** What happened to one path between two trees. Renames are a deletion and an addition. */
export interface ChangedPath {
  readonly path: string
  readonly change: 'added' | 'modified' | 'deleted' | 'type'
  readonly oldMode: string
  readonly newMode: string
}

const CHANGES = { A: 'added', M: 'modified', D: 'deleted', T: 'type' } as const

/** Paths in which two trees differ, sorted by path. */
export async function changedPaths(
  root: string,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<readonly ChangedPath[]> {
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--raw', '--no-commit-id', '--end-of-options', from, to]
  const fields = (await git(root, args, signal)).split('\0')
  const changed: ChangedPath[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = '', newMode = '', , , letter = ''] = (fields[at] ?? '').slice(1).split(' ')
    const change = CHANGES[letter as keyof typeof CHANGES]
    const path = fields[at + 1]
    if (change !== undefined && path !== undefined) changed.push({ path, change, oldMode, newMode })
  }
  return changed
}
