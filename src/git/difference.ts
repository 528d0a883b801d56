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

/** Lines added and taken away between two trees, path by path; of binary files none. */
export async function changedLines(
  root: string,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<readonly { readonly path: string; readonly lines: number }[]> {
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--numstat', '--no-commit-id', '--end-of-options', from, to]
  const rows = (await git(root, args, signal)).split('\0').slice(0, -1)
  return rows.map((row) => {
    const [added, deleted, ...path] = row.split('\t')
    // A binary file has dashes for numbers.
    return { path: path.join('\t'), lines: (Number(added) || 0) + (Number(deleted) || 0) }
  })
}

/** Text of a file in a tree; undefined where it is missing, binary or larger than `limit` bytes. */
export async function fileIn(
  root: string,
  tree: string,
  path: string,
  limit: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const entry = await git(root, ['ls-tree', '--full-tree', '-l', '-z', '--end-of-options', tree, '--', path], signal)
  const found = /^(\d+) blob ([0-9a-f]+)\s+(\d+)\t/.exec(entry)
  if (found?.[2] === undefined || found[1] === '120000' || Number(found[3]) > limit) return undefined
  const text = await git(root, ['cat-file', 'blob', found[2]], signal)
  return text.includes('\0') ? undefined : text
}
