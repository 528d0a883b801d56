import type { SourceFile } from '../../format.ts'

/** The order files are read in, so that the same files give the same bundle however they were found. */
export function byPath(a: SourceFile, b: SourceFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}
