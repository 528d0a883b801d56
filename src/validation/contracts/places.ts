import { posix } from 'node:path'
import { folderOf } from '../manifest.ts'

/** Folders in which lies what others made. */
const COPIES = /(^|\/)(vendor|vendored|third[-_]?party|external|upstream|generated|__generated__|gen|codegen)\//i

/** Folders whose descriptions nothing is built on. */
const SAMPLES = /(^|\/)(tests?|__tests__|testdata|fixtures?|examples?|samples?|mocks?)\//i

export function isCopy(path: string): boolean {
  return COPIES.test(path)
}

export function isSample(path: string): boolean {
  return SAMPLES.test(path)
}

/** Where a file's reference leads, from the top of what the file's path is relative to; `../` where it leads out. */
export function targetOf(path: string, reference: string): string {
  return posix.normalize(posix.join(folderOf(path), reference.replaceAll('\\', '/')))
}
