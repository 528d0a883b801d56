import type { Bundle, BundlePrd, BundleTask } from '../../schemas/bundle.ts'
import type { Reader } from '../store/database.ts'
import { type Base, listLinks } from '../store/links.ts'

export type FolderEntry = BundlePrd | BundleTask

/** Name under which the merge bases of a folder of our own are kept. */
export function folderSource(place: string): string {
  return `folder:${place}`
}

/**
 * Bases of the entries of a folder that are in the state in which they were written there last. A file in an older
 * state, for example of another branch, is compared with what its revisions say.
 */
export async function findFolderBases(
  reader: Reader,
  source: string,
  { prds, tasks }: Bundle,
): Promise<ReadonlyMap<string, Base>> {
  const known = new Map((await listLinks(reader, source)).map(({ ref, base }) => [ref, base]))
  return new Map(
    [...prds, ...tasks].flatMap((entry): [string, Base][] => {
      const base = known.get(entry.ref)
      return base?.theirs['state_written'] === stateOf(entry) ? [[entry.ref, base]] : []
    }),
  )
}

/** Differs after every change of the record, and of what is in conflict. */
export function stateOf(entry: FolderEntry): string {
  const count = 'version' in entry ? entry.version : entry.revision
  return [count, ...(entry.in_conflict ?? [])].join(' ')
}
