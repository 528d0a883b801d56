import { SpekiError } from './errors.ts'

/** Nothing is there, or what should be a folder on the way to it is none. */
const MISSING: readonly string[] = ['ENOENT', 'ENOTDIR']
/** The same, and what somebody else's folder may hold that cannot be read as the file that was meant. */
export const UNREADABLE: readonly string[] = [...MISSING, 'EACCES', 'EPERM', 'EISDIR', 'ELOOP', 'ENAMETOOLONG']

/** The code that the system, a driver or a program gave an error; empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** For `.catch`: answers an error that has one of the codes, and throws every other again. */
export function onCode<T>(codes: readonly string[], answer: T): (error: unknown) => T {
  return (error) => {
    if (codes.includes(codeOf(error))) return answer
    throw error
  }
}

export function ifMissing<T>(answer: T): (error: unknown) => T {
  return onCode(MISSING, answer)
}

/** For files of a repository, which are what they are: what cannot be read counts as not there. */
export function ifUnreadable<T>(answer: T): (error: unknown) => T {
  return onCode(UNREADABLE, answer)
}

/** For a pause that a signal may end. */
export function ifAborted(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}

/** For what git or a platform may say no to: an error that has words of ours. */
export function ifRefused<T>(answer: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof SpekiError && error.code !== 'internal') return answer
    throw error
  }
}

/** What a parser makes of a text that somebody else wrote; undefined where it refuses, which each library does in classes of its own. */
export function tryParse<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof SpekiError || (error instanceof Error && 'syscall' in error)) throw error
    return undefined
  }
}
