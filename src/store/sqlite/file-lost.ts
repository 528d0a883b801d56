import { SpekiError } from '../../errors.ts'
import { hint, type Sentence, step } from '../../step.ts'
import type { FileState } from './file-identity.ts'

/** What a caller is told whose database is not what the path names any more. */
export function fileLost(file: string, state: FileState, during: 'before' | 'while'): SpekiError {
  const kept =
    during === 'before' ? 'Nothing was changed.' : 'That happened while this call was written: nothing of it counts.'
  const tell = (what: string, next: Sentence) =>
    new SpekiError('precondition_failed', `${what} ${kept}`, { hint: next })
  const restore = 'Put a backup there (speki restore FILE)'
  switch (state.kind) {
    case 'missing':
      return tell(
        `The database file ${file} was removed, or emptied, while SPEKI had it open.`,
        `${restore}: this server then goes on with it. To begin an empty workspace, restart the client.`,
      )
    case 'no_file':
      return tell(`${file} is no file any more, but a folder or something else.`, `Move that away. ${restore}.`)
    case 'replaced':
      return tell(
        `The database file ${file} was replaced while SPEKI had it open; from now on the new one counts.`,
        hint`Look at what is in it (${step('speki_status')}), then repeat the call.`,
      )
    case 'truncated':
      return tell(
        `The database file ${file} was cut off or written over while SPEKI had it open.`,
        `End every client that uses SPEKI, look with speki doctor. ${restore}.`,
      )
    case 'log_missing':
      return tell(
        `The log of the database (${file}-wal or ${file}-shm) was removed while SPEKI had it open.`,
        'End every client that uses SPEKI, start again, and look with speki doctor; these files belong to the database.',
      )
    case 'log_truncated':
      return tell(
        `The log of the database (${file}-wal) was cut off while SPEKI had it open.`,
        `End every client that uses SPEKI, look with speki doctor. ${restore}.`,
      )
    case 'unreachable':
      return tell(
        `The database file ${file} cannot be reached any more (${state.code}).`,
        'Look at the permissions of the folders above it, then repeat the call.',
      )
    case 'same':
      return new SpekiError('internal', `${file} was taken for lost and is there.`)
  }
}

export function otherWorkspace(file: string): SpekiError {
  return new SpekiError(
    'precondition_failed',
    `The database file ${file} was replaced by that of another workspace while SPEKI had it open. Nothing was changed.`,
    { hint: 'If that is meant, restart the client. If not, put the right file back: speki restore FILE.' },
  )
}
