import { SpekiError } from '../errors.ts'

/** What a person's path can be other than a folder to write to; anything else stays what it is. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOTDIR: 'is a file, or lies under one',
  EEXIST: 'is a file',
  EISDIR: 'is a folder',
  EACCES: 'may not be read or written by you',
  EPERM: 'may not be read or written by you',
  EROFS: 'lies on a disk that cannot be written to',
  ENAMETOOLONG: 'is too long for a path',
}

/** An error of the file system about an export's place, in words that lead on. */
export function folderProblem(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const problem = PROBLEMS[code]
  if (problem === undefined) return error
  return new SpekiError('precondition_failed', `${path} ${problem}. Nothing was written.`, {
    hint: 'Name a new or empty folder, for example docs/specs.',
    cause: error,
  })
}
