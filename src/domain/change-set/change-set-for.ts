import type { Tx } from '../../store/database.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { findOpenChangeSet, insertChangeSet } from '../../store/run/change-sets.ts'

/** The change set of a PRD that still takes work, or a new one. */
export async function changeSetFor(tx: Tx, prdId: number | undefined, title: string, now: number): Promise<number> {
  const open = prdId === undefined ? undefined : await findOpenChangeSet(tx, prdId)
  if (open !== undefined) return open.id
  const id = await reserveNumbers(tx, 'change_set')
  await insertChangeSet(tx, { id, prdId, title, at: now })
  return id
}
