import { SpekiError } from '../../errors.ts'
import { type ChangeSetRecord, findChangeSet, listMembers, type MemberRecord } from '../../store/change-sets.ts'
import type { Service } from '../service.ts'

export interface ChangeSetView {
  readonly changeSet: ChangeSetRecord
  readonly members: readonly MemberRecord[]
}

/** A change set and its part in each repository. Throws where there is none of that number. */
export async function readChangeSet(service: Service, id: number): Promise<ChangeSetView> {
  return await service.database.read(async (reader) => {
    const changeSet = await findChangeSet(reader, id)
    if (changeSet === undefined)
      throw new SpekiError('not_found', `There is no CS-${id}.`, { hint: 'run_status names the change set of a run.' })
    return { changeSet, members: await listMembers(reader, id) }
  })
}
