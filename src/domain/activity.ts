import type { Principal } from '../../schemas/actor.ts'
import type { LoggedEvent } from '../../schemas/event.ts'
import { findBrokenEvent, listEvents } from '../store/events.ts'
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
    return await listEvents(reader, { subject: query.subject, prdId: query.prd, repositoryId, type: query.type }, query)
  })
}

/** Id of the first event that was tampered with; undefined where the log is whole. */
export async function verifyActivity(service: Service, caller: Principal): Promise<number | undefined> {
  return await consult(service, caller, 'workspace.inspect', findBrokenEvent)
}
