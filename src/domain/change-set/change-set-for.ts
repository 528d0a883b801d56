import type { Tx } from '../../store/database.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { findOpenChangeSet } from '../../store/run/change-sets.ts'
import type { Doer } from '../task/transition.ts'
import { openChangeSet } from './transition.ts'

/** The change set of a PRD that still takes work, or a new one. */
export async function changeSetFor(tx: Tx, doer: Doer, prdId: number | undefined, title: string): Promise<number> {
  const open = prdId === undefined ? undefined : await findOpenChangeSet(tx, prdId)
  if (open !== undefined) return open.id
  const id = await reserveNumbers(tx, 'change_set')
  await openChangeSet(tx, doer, { id, prdId, title })
  return id
}
