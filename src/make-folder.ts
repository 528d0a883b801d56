import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { SpekiError } from './errors.ts'
import { codeOf } from './expected.ts'

/** A folder with those above it. Node's own `recursive` never comes back where a file system answers ENOENT under a folder that is there, as /proc does. */
export function makeFolder(path: string, mode?: number): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST' && statSync(path).isDirectory()) return
    if (code !== 'ENOENT') throw error
    if (existsSync(dirname(path))) throw takesNothing(path, error)
    makeFolder(dirname(path), mode)
    makeFolder(path, mode)
  }
}

/** Said of a new file or folder that is refused as missing, though the folder it is to lie in is there. */
export function takesNothing(path: string, cause: unknown): SpekiError {
  return new SpekiError('precondition_failed', `${dirname(path)} takes no new files or folders; nothing was written.`, {
    hint: 'It shows what the system is doing, as /proc does, or goes away at this moment: choose another place.',
    cause,
  })
}
