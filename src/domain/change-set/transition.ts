import { changeSetKey } from '../../../schemas/key.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import type { Reader, Tx } from '../../store/database.ts'
import { appendEvent } from '../../store/events.ts'
import { insertChangeSet, insertMember, updateChangeSet, updateMember } from '../../store/run/change-set-rows.ts'
import { type ChangeSetRecord, findChangeSet, type MemberRecord } from '../../store/run/change-sets.ts'
import type { Doer } from '../task/transition.ts'

/** The one door to the rows of change sets and their members: rows and event. */

/** States in which a change set still takes work, and can be tested and delivered. */
export type ChangeSetState = 'open' | 'tested' | 'failed' | 'delivering' | 'delivered' | 'stopped'

export async function openChangeSet(
  tx: Tx,
  { actor, now }: Doer,
  changeSet: { readonly id: number; readonly prdId: number | undefined; readonly title: string },
): Promise<void> {
  await insertChangeSet(tx, { ...changeSet, at: now })
  const { id, prdId, title } = changeSet
  await appendEvent(tx, {
    at: now,
    type: 'changeset.opened',
    subject: changeSetKey(id),
    prdId,
    actor,
    payload: { title },
  })
}

/** Takes a repository into a change set. */
export async function enterMember(
  tx: Tx,
  member: Pick<MemberRecord, 'changeSetId' | 'repositoryId' | 'branch' | 'target' | 'base'>,
): Promise<void> {
  await insertMember(tx, member)
}

/** How far a member has come. */
export interface MemberWrite {
  readonly repositoryId: number
  readonly state: string
  readonly detail?: unknown
  readonly head?: string
}

/** Writes down how far a change set and its members have come. */
export async function moveChangeSet(
  tx: Tx,
  { actor, now }: Doer,
  id: number,
  move: { readonly state: ChangeSetState; readonly detail?: unknown; readonly summary: string },
  members: readonly MemberWrite[],
): Promise<void> {
  const { prdId } = await getChangeSet(tx, id)
  await updateChangeSet(tx, id, { state: move.state, detail: move.detail, updatedAt: now })
  for (const { repositoryId, ...write } of members) await updateMember(tx, id, repositoryId, write)
  await appendEvent(tx, {
    at: now,
    type: `changeset.${move.state}`,
    subject: changeSetKey(id),
    prdId,
    actor,
    payload: { summary: move.summary },
  })
}

/** Work landed in a change set: it takes work again, whatever was tested before. */
export async function growChangeSet(
  tx: Tx,
  doer: Doer,
  id: number,
  summary: string,
  member: Omit<MemberWrite, 'state'>,
): Promise<void> {
  const { state } = await getChangeSet(tx, id)
  const { repositoryId, ...write } = member
  if (state !== 'open') await moveChangeSet(tx, doer, id, { state: 'open', summary }, [{ ...member, state: 'open' }])
  else {
    await updateChangeSet(tx, id, { state, updatedAt: doer.now })
    await updateMember(tx, id, repositoryId, { ...write, state: 'open' })
  }
}

/** Throws where there is none of that number. */
export async function getChangeSet(reader: Reader, id: number): Promise<ChangeSetRecord> {
  const changeSet = await findChangeSet(reader, id)
  if (changeSet === undefined)
    throw new SpekiError('not_found', `There is no ${changeSetKey(id)}.`, {
      hint: hint`List them with ${step('changeset_get')}.`,
    })
  return changeSet
}
