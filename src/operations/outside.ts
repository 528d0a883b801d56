import { z } from 'zod'
import { ConnectorError } from '../../connectors/connector.ts'
import { type ErrorCode, SpekiError } from '../errors.ts'
import { explainConnector } from '../execution/change-set/connector-failure.ts'
import { codeOf } from '../expected.ts'

interface Words {
  readonly codes: readonly string[]
  readonly code: ErrorCode
  readonly what: (place: string) => string
  readonly hint: string
}

/** What the system says no with. `place` is the path or address, where the error names one. */
const SYSTEM: readonly Words[] = [
  {
    codes: ['ENOENT'],
    code: 'not_found',
    what: (place) => `There is nothing at ${place}`,
    hint: 'Look at the path; if it was moved or deleted meanwhile, name its new place.',
  },
  {
    codes: ['ENOTDIR', 'EEXIST'],
    code: 'precondition_failed',
    what: (place) => `${place} is there already and is no folder, or lies below a file`,
    hint: 'Choose another path, or move the file that is in the way.',
  },
  {
    codes: ['EISDIR'],
    code: 'precondition_failed',
    what: (place) => `${place} is a folder, where a file is meant`,
    hint: 'Name a file.',
  },
  {
    codes: ['ENOTEMPTY'],
    code: 'precondition_failed',
    what: (place) => `The folder ${place} is not empty`,
    hint: 'Something writes into it, or it was not ours: look into it, then repeat.',
  },
  {
    codes: ['EACCES', 'EPERM'],
    code: 'precondition_failed',
    what: (place) => `You have no rights at ${place}`,
    hint: 'Look at the owner and the permissions of the path, then repeat the call.',
  },
  {
    codes: ['EROFS'],
    code: 'precondition_failed',
    what: (place) => `The file system under ${place} is read-only`,
    hint: 'Choose another place, or mount it writable.',
  },
  {
    codes: ['ENOSPC', 'EDQUOT', 'EFBIG'],
    code: 'precondition_failed',
    what: (place) => `The disk under ${place} is full`,
    hint: 'Free some space and repeat the call; speki doctor shows what is free.',
  },
  {
    codes: ['EMFILE', 'ENFILE'],
    code: 'precondition_failed',
    what: () => 'This process or machine has too many open files',
    hint: 'End what is not needed, or raise the limit (ulimit -n), then repeat the call.',
  },
  {
    codes: ['EAGAIN', 'ENOMEM'],
    code: 'precondition_failed',
    what: () => 'This machine has no more processes or memory to give',
    hint: 'End what is not needed, then repeat the call.',
  },
  {
    codes: ['ENAMETOOLONG'],
    code: 'invalid_input',
    what: (place) => `The name is too long for this file system: ${place}`,
    hint: 'Choose a shorter name or place.',
  },
  {
    codes: ['ELOOP'],
    code: 'precondition_failed',
    what: (place) => `Symbolic links lead in a circle at ${place}`,
    hint: 'Mend the links.',
  },
  {
    codes: ['EBUSY', 'ETXTBSY'],
    code: 'precondition_failed',
    what: (place) => `Another program uses ${place}`,
    hint: 'Close it there, then repeat the call.',
  },
  {
    codes: ['EIO', 'ESTALE', 'ENXIO', 'ENODEV'],
    code: 'precondition_failed',
    what: (place) => `The disk or drive under ${place} fails`,
    hint: 'Look at the disk or the mount, then repeat the call.',
  },
  {
    codes: ['EXDEV'],
    code: 'precondition_failed',
    what: (place) => `${place} would move to another file system`,
    hint: 'Choose a place on the same disk.',
  },
  {
    codes: ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'],
    code: 'precondition_failed',
    what: (place) => `The file system under ${place} cannot do what is asked`,
    hint: 'Choose another place.',
  },
  {
    codes: ['ENOEXEC'],
    code: 'precondition_failed',
    what: (place) => `${place} cannot be started on this machine`,
    hint: 'Look whether it is made for this system and has a first line that names its interpreter.',
  },
  {
    codes: ['EADDRINUSE', 'EADDRNOTAVAIL'],
    code: 'precondition_failed',
    what: (place) => `The address ${place} is taken, or not of this machine`,
    hint: 'Choose another.',
  },
  {
    codes: [
      ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'],
      ...['ENETUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_SOCKET'],
    ],
    code: 'upstream_unavailable',
    what: (place) => `What is asked at ${place} does not answer`,
    hint: 'Look at the network and whether it runs, then repeat the call.',
  },
]

const text = z.string().optional().catch(undefined)
const SystemError = z.object({ dest: text, path: text, address: text, hostname: text, syscall: text })

/** What the outside world brought about, in words of ours; undefined for a defect. */
export function asKnown(error: unknown): SpekiError | undefined {
  if (error instanceof SpekiError) return error
  if (error instanceof ConnectorError) return explainConnector(error)
  if (!(error instanceof Error)) return undefined
  if (error.name === 'TimeoutError')
    return new SpekiError('timeout', 'It took longer than it may.', {
      hint: 'Look what it waits for, then repeat the call.',
      cause: error,
    })
  const code = codeOf(error)
  const words = SYSTEM.find(({ codes }) => codes.includes(code))
  // Only the system's own errors name the call that failed; anybody could throw a word like these.
  if (words !== undefined && 'syscall' in error)
    return new SpekiError(words.code, `${words.what(placeOf(error))} (${code}).`, { hint: words.hint, cause: error })
  return error.cause === undefined ? undefined : asKnown(error.cause)
}

/** Where it happened, as far as the system says. */
function placeOf(error: Error): string {
  const { dest, path, address, hostname, syscall } = SystemError.parse({ ...error })
  return [dest, path, address, hostname, syscall].find((part) => part !== undefined && part !== '') ?? 'this machine'
}
