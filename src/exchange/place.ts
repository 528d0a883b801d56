import { basename, join, relative, sep } from 'node:path'
import type { RepositoryRecord } from '../store/repositories.ts'

export interface Place {
  /** The same wherever the working copy lies. */
  readonly name: string
  /** The registered repository it lies in. */
  readonly repositoryId: number | undefined
}

/** Where a folder lies, among the registered repositories. */
export function placeOf(folder: string, repositories: readonly RepositoryRecord[]): Place {
  const [inside] = repositories
    .flatMap((entry) => (entry.root === undefined ? [] : [{ ...entry, folder: join(entry.root, entry.subpath) }]))
    .filter((entry) => folder === entry.folder || folder.startsWith(entry.folder + sep))
    .sort((a, b) => b.folder.length - a.folder.length)
  return inside === undefined
    ? { name: basename(folder), repositoryId: undefined }
    : { name: `${inside.name}/${relative(inside.folder, folder).split(sep).join('/')}`, repositoryId: inside.id }
}
