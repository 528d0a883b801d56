import type { Tx } from '../database.ts'
import type { MemberRecord } from './change-sets.ts'

export async function insertChangeSet(
  tx: Tx,
  changeSet: { readonly id: number; readonly prdId: number | undefined; readonly title: string; readonly at: number },
): Promise<void> {
  await tx.sql
    .insertInto('change_set')
    .values({
      id: changeSet.id,
      prd_id: changeSet.prdId ?? null,
      title: changeSet.title,
      state: 'open',
      detail: '{}',
      created_at: changeSet.at,
      updated_at: changeSet.at,
    })
    .execute()
}

/** `detail` is what the step said; absent, what stood there stays. */
export async function updateChangeSet(
  tx: Tx,
  id: number,
  write: { readonly state: string; readonly detail?: unknown; readonly updatedAt: number },
): Promise<void> {
  const columns = {
    state: write.state,
    updated_at: write.updatedAt,
    ...(write.detail !== undefined && { detail: JSON.stringify(write.detail) }),
  }
  await tx.sql.updateTable('change_set').set(columns).where('id', '=', id).execute()
}

export async function insertMember(
  tx: Tx,
  member: Pick<MemberRecord, 'changeSetId' | 'repositoryId' | 'branch' | 'target' | 'base'>,
): Promise<void> {
  await tx.sql
    .insertInto('change_set_member')
    .values({
      change_set_id: member.changeSetId,
      repository_id: member.repositoryId,
      branch: member.branch,
      target: member.target,
      base_commit: member.base,
      head_commit: member.base,
      state: 'open',
      detail: '{}',
    })
    .execute()
}

export async function updateMember(
  tx: Tx,
  changeSetId: number,
  repositoryId: number,
  write: { readonly state: string; readonly detail?: unknown; readonly head?: string },
): Promise<void> {
  const columns = {
    state: write.state,
    ...(write.detail !== undefined && { detail: JSON.stringify(write.detail) }),
    ...(write.head !== undefined && { head_commit: write.head }),
  }
  await tx.sql
    .updateTable('change_set_member')
    .set(columns)
    .where('change_set_id', '=', changeSetId)
    .where('repository_id', '=', repositoryId)
    .execute()
}
