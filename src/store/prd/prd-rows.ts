import type { PrdRevision } from '../../../schemas/prd.ts'
import type { Tx } from '../database.ts'
import type { PrdFields } from './prds.ts'

function toRow(fields: PrdFields) {
  return {
    title: fields.title,
    kind: fields.kind,
    state: fields.state,
    parent_id: fields.parentId ?? null,
    owners: JSON.stringify(fields.owners),
    revision: fields.revision,
    version: fields.version,
    hash: fields.hash,
    created_at: fields.createdAt,
    updated_at: fields.updatedAt,
    deleted_at: fields.deletedAt ?? null,
  }
}

export async function insertPrd(tx: Tx, id: number, fields: PrdFields): Promise<void> {
  await tx.sql
    .insertInto('prd')
    .values({ id, ...toRow(fields) })
    .execute()
}

export async function updatePrd(tx: Tx, id: number, fields: PrdFields): Promise<void> {
  await tx.sql.updateTable('prd').set(toRow(fields)).where('id', '=', id).execute()
}

export async function setPrdRepositories(tx: Tx, id: number, repositoryIds: readonly number[]): Promise<void> {
  await tx.sql.deleteFrom('prd_repository').where('prd_id', '=', id).execute()
  if (repositoryIds.length === 0) return
  const rows = [...new Set(repositoryIds)].map((repositoryId) => ({ prd_id: id, repository_id: repositoryId }))
  await tx.sql.insertInto('prd_repository').values(rows).execute()
}

export async function insertPrdRevision(tx: Tx, prdId: number, revision: PrdRevision, body: string): Promise<void> {
  await tx.sql
    .insertInto('prd_revision')
    .values({
      prd_id: prdId,
      number: revision.number,
      hash: revision.hash,
      body,
      actor: JSON.stringify(revision.actor),
      reason: revision.reason,
      based_on: revision.basedOn ?? null,
      at: revision.at,
    })
    .execute()
}
