import type { Principal } from '../../schemas/actor.ts'
import { SpekiError } from '../errors.ts'
import type { Tx } from '../store/database.ts'
import {
  adoptAnswer,
  deleteAnswer,
  deleteOldAnswers,
  findAnswers,
  type StoredAnswer,
  storeAnswer,
} from '../store/idempotency.ts'
import { isLone, type Session } from './access/session.ts'

/** Marks a call that may be sent twice: the second gets the first one's answer. */
export interface Request {
  /** Chosen by the client; belongs to it alone. */
  readonly key: string
  readonly tool: string
  /** Hash of the arguments; the same key with other arguments is refused. */
  readonly hash: string
}

/**
 * Whose a repeated request is. Models choose keys like `claim-1`, so a key alone names nobody: an answer belongs to the
 * kind and the client's name, the person it acts for, and the session that got it. Whoever comes back through that session
 * gets it again. A client that lost its connection comes back through another: it takes the answer over, if request, kind,
 * name and person are the same and the first session is over for sure, its process being gone from this machine. While that
 * lives, the same key of a second client is a request of its own. A request that belongs to no session can be told from
 * nobody's, so that its key has to be one that only its client knows: a UUID.
 */
function ownerOf({ kind, client, onBehalfOf }: Principal): string {
  return JSON.stringify([kind, client, onBehalfOf])
}

/** How long an answer is kept: longer than any client tries again. */
export const ANSWERS_KEPT_MS = 24 * 60 * 60_000

/** Answers that are over and go with each that comes: so many that they shrink, so few that nobody waits for it. */
const CLEARED = 100

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i

/** The answer that the caller got to this request before. Throws `conflict` where it was another request. */
export async function findRepeated(
  tx: Tx,
  { now, isOver }: { readonly now: number; readonly isOver: ((session: Session) => boolean) | undefined },
  caller: Principal,
  request: Request,
): Promise<StoredAnswer | undefined> {
  if (isLone(caller.session) && !UUID.test(request.key))
    throw new SpekiError('invalid_input', 'This connection has no session, so the idempotency key must be a UUID.', {
      hint: 'Pass a random UUID, or none.',
    })
  const since = now - ANSWERS_KEPT_MS
  const answers = await findAnswers(tx, { owner: ownerOf(caller), key: request.key, since })
  const isSame = (stored: StoredAnswer) => stored.tool === request.tool && stored.requestHash === request.hash
  const own = answers.find(({ session }) => session === caller.session)
  if (own !== undefined && !isSame(own))
    throw new SpekiError(
      'conflict',
      `The idempotency key "${request.key}" was used for another call of ${own.tool}; nothing was changed.`,
      { hint: 'Use a new key for a new request; repeat a key only with the same arguments.' },
    )
  if (own !== undefined) return own
  const left = answers.find((stored) => isSame(stored) && (isOver?.(stored.session) ?? false))
  if (left !== undefined) await adoptAnswer(tx, left.id, caller.session)
  return left
}

/** Forgets the caller's answer to a request that came to nothing. */
export async function forgetAnswer(tx: Tx, caller: Principal, { key }: Request): Promise<void> {
  await deleteAnswer(tx, { owner: ownerOf(caller), key }, caller.session)
}

/** Keeps an answer for when its request comes again; the oldest that are over go. */
export async function keepAnswer(
  tx: Tx,
  caller: Principal,
  request: Request,
  answer: unknown,
  now: number,
): Promise<void> {
  await deleteOldAnswers(tx, now - ANSWERS_KEPT_MS, CLEARED)
  const { session } = caller
  const { key, tool, hash: requestHash } = request
  await storeAnswer(tx, { owner: ownerOf(caller), key }, { session, tool, requestHash, answer }, now)
}
