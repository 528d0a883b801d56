import type { Principal } from '../../schemas/actor.ts'
import type { LoggedEvent } from '../../schemas/event.ts'
import { prdKey } from '../../schemas/key.ts'
import { SpekiError } from '../errors.ts'
import { hint, type Step, step } from '../step.ts'
import type { Reader } from '../store/database.ts'
import { findBrokenEvent, listEvents, newestEventId } from '../store/events.ts'
import { resolveRepository } from './repository/repository.ts'
import { consult, type Service } from './service.ts'

export interface ActivityQuery {
  /** Key or name of one subject. */
  readonly subject?: string | undefined
  readonly prd?: number | undefined
  readonly repository?: string | undefined
  /** Prefix, for example "task." */
  readonly type?: string | undefined
  readonly cursor?: number | undefined
  readonly limit: number
  /** Newest first reads the feed; oldest first follows it. */
  readonly newestFirst: boolean
}

export async function listActivity(
  service: Service,
  caller: Principal,
  query: ActivityQuery,
): Promise<readonly LoggedEvent[]> {
  return await consult(service, caller, 'activity.read', async (reader) => {
    const repositoryId =
      query.repository === undefined ? undefined : (await resolveRepository(reader, query.repository)).id
    const { subject, prd, repository, type, newestFirst } = query
    const first = {
      subject,
      prd: prd === undefined ? undefined : prdKey(prd),
      repository,
      type,
      follow: newestFirst ? undefined : true,
    }
    await refuseUnreached(reader, query.cursor, step('activity_list', first))
    return await listEvents(reader, { subject: query.subject, prdId: query.prd, repositoryId, type: query.type }, query)
  })
}

/** A cursor that no event has come to yet: whoever read on from it would miss all that happens until then. */
export async function refuseUnreached(reader: Reader, cursor: number | undefined, first: Step): Promise<void> {
  if (cursor === undefined) return
  const newest = await newestEventId(reader)
  if (cursor <= newest) return
  throw new SpekiError('invalid_input', `No page follows the cursor "${cursor}": the newest event is ${newest}.`, {
    hint: hint`Begin again: ${first}.`,
  })
}

/** Id of the first event that was tampered with; undefined where the log is whole. */
export async function verifyActivity(service: Service, caller: Principal): Promise<number | undefined> {
  return await consult(service, caller, 'workspace.inspect', findBrokenEvent)
}
