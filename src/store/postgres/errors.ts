import { type ErrorCode, SpekiError } from '../../errors.ts'
import { busy } from '../turns.ts'

interface Words {
  readonly when: RegExp
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}

/** SQLSTATE codes and those of the network, the first that fits. */
const WORDS: readonly Words[] = [
  {
    when: /^23505$/,
    code: 'conflict',
    message: 'That is there already; nothing was changed.',
    hint: 'Read the present state and repeat.',
  },
  {
    when: /^22021$/,
    code: 'invalid_input',
    message: 'A text has a character in it that the database cannot hold; nothing was changed.',
    hint: 'Send it as well-formed Unicode without NUL.',
  },
  {
    when: /^53100$/,
    code: 'precondition_failed',
    message: 'The disk of the database server is full; nothing was changed.',
    hint: 'Free some space there and repeat the call.',
  },
  {
    when: /^53300$/,
    code: 'upstream_unavailable',
    message: 'The database server has no connection left; nothing was changed.',
    hint: 'End clients that are not needed, or raise max_connections there, then repeat the call.',
  },
  {
    when: /^53200$/,
    code: 'upstream_unavailable',
    message: 'The database server has no memory left; nothing was changed.',
    hint: 'Look at that machine, then repeat the call.',
  },
  {
    when: /^(40001|40P01)$/,
    code: 'timeout',
    message: 'Another program changed the same rows at the same moment; nothing was changed.',
    hint: 'Repeat the call.',
  },
  {
    when: /^(57014|25P03|25P04)$/,
    code: 'timeout',
    message: 'The database server ended the call because it took longer than is allowed there; nothing was changed.',
    hint: 'Repeat the call; where that goes on, look at statement_timeout of that user.',
  },
  {
    when: /^(58|XX00[12])/,
    code: 'precondition_failed',
    message: 'The database server cannot read its own files.',
    hint: 'Look at its log and its disk; restore a dump where data is damaged.',
  },
  {
    when: /^25006$/,
    code: 'precondition_failed',
    message: 'The database is read-only; nothing was changed.',
    hint: 'Use the primary server.',
  },
  {
    when: /^28/,
    code: 'unauthenticated',
    message: 'The database server refused the user or password of SPEKI_DATABASE_URL.',
    hint: 'Mend the URL.',
  },
  {
    when: /^42501$/,
    code: 'forbidden',
    message: 'The user of SPEKI_DATABASE_URL may not do that in this database; nothing was changed.',
    hint: 'Let its owner grant CREATE on the schema, or use the owner.',
  },
  {
    when: /^3D000$/,
    code: 'not_found',
    message: 'The database that SPEKI_DATABASE_URL names does not exist.',
    hint: 'Create it with createdb.',
  },
  {
    when: /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|HOSTNAME_MISMATCH|INVALID_CA)/,
    code: 'upstream_rejected',
    message: 'The certificate of the database server is not trusted here.',
    hint: 'Name the authority that signed it: sslrootcert=FILE in SPEKI_DATABASE_URL, or NODE_EXTRA_CA_CERTS.',
  },
  {
    when: /^(ERR_SSL_|EPROTO)/,
    code: 'upstream_rejected',
    message: 'What answers at the address of SPEKI_DATABASE_URL does not speak TLS as asked, or is no PostgreSQL.',
    hint: 'Look at its host, port and sslmode.',
  },
  {
    when: /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENETUN|ENOTFOUND|EAI_|57P|53|08)/,
    code: 'upstream_unavailable',
    message: 'The database server cannot be reached; nothing acknowledged is lost.',
    hint: 'Look whether it runs, then repeat the call.',
  },
]

/** The one place where PostgreSQL's codes become words; what is not known stays as it is. */
export function translateError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SpekiError) return error
  const code = 'code' in error ? String(error.code) : codeOfDriver(error.message)
  if (code === '55P03') return busy(undefined, error)
  const words = WORDS.find(({ when }) => when.test(code))
  return words === undefined ? error : new SpekiError(words.code, words.message, { hint: words.hint, cause: error })
}

/** The driver's own errors have no code. A pool without a free connection is a database that is busy. */
function codeOfDriver(message: string): string {
  if (message === 'timeout exceeded when trying to connect') return '55P03'
  if (/does not support SSL|There was an error establishing an SSL connection/.test(message)) return 'ERR_SSL_'
  return /^Connection terminated|connection error and is not queryable/.test(message) ? 'ECONNRESET' : ''
}
