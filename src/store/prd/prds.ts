import type { Selectable } from 'kysely'
import { z } from 'zod'
import { Actor } from '../../../schemas/actor.ts'
import { prdKey } from '../../../schemas/key.ts'
import { type Prd, PrdKind, type PrdRevision, PrdState } from '../../../schemas/prd.ts'
import { readChunks } from '../chunks.ts'
import type { Reader } from '../database.ts'
import { storedJson, storedValue } from '../stored.ts'
import type { Tables } from '../tables.ts'

const Names = z.array(z.string())

export interface PrdFields {
  readonly title: string
  readonly kind: PrdKind
  readonly state: PrdState
  readonly parentId: number | undefined
  readonly owners: readonly string[]
  readonly revision: number
  readonly version: number
  readonly hash: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly deletedAt: number | undefined
}

export interface PrdRecord extends PrdFields {
  readonly id: number
  readonly repositoryIds: readonly number[]
  readonly repositories: readonly string[]
}

type PrdRow = Selectable<Tables['prd']>

async function withRepositories(reader: Reader, rows: readonly PrdRow[]): Promise<readonly PrdRecord[]> {
  if (rows.length === 0) return []
  const links = await reader.sql
    .selectFrom('prd_repository')
    .innerJoin('repository', 'repository.id', 'prd_repository.repository_id')
    .select(['prd_repository.prd_id', 'repository.id', 'repository.name'])
    .where(
      'prd_repository.prd_id',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('repository.name')
    .execute()
  const linksOf = Map.groupBy(links, (link) => link.prd_id)
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    kind: storedValue(PrdKind, row.kind),
    state: storedValue(PrdState, row.state),
    parentId: row.parent_id ?? undefined,
    owners: storedJson(Names, row.owners),
    revision: row.revision,
    version: row.version,
    hash: row.hash,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at ?? undefined,
    repositoryIds: (linksOf.get(row.id) ?? []).map((link) => link.id),
    repositories: (linksOf.get(row.id) ?? []).map((link) => link.name),
  }))
}

/** The shape people and agents see. */
export function presentPrd(prd: PrdRecord): Prd {
  return {
    id: prdKey(prd.id),
    title: prd.title,
    kind: prd.kind,
    state: prd.state,
    ...(prd.parentId !== undefined && { parent: prdKey(prd.parentId) }),
    repositories: [...prd.repositories],
    owners: [...prd.owners],
    revision: prd.revision,
    version: prd.version,
    hash: prd.hash,
    createdAt: prd.createdAt,
    updatedAt: prd.updatedAt,
    ...(prd.deletedAt !== undefined && { deletedAt: prd.deletedAt }),
  }
}

export async function findPrd(reader: Reader, id: number): Promise<PrdRecord | undefined> {
  const rows = await reader.sql.selectFrom('prd').selectAll().where('id', '=', id).execute()
  return (await withRepositories(reader, rows))[0]
}

/** Those that are there, by key. */
export async function findPrds(reader: Reader, ids: readonly number[]): Promise<readonly PrdRecord[]> {
  return await readChunks(
    [...ids].sort((a, b) => a - b),
    async (chunk) =>
      await withRepositories(
        reader,
        await reader.sql.selectFrom('prd').selectAll().where('id', 'in', chunk).orderBy('id').execute(),
      ),
  )
}

/** Keys of all PRDs that are not deleted. */
export async function listPrdIds(reader: Reader): Promise<readonly number[]> {
  const rows = await reader.sql.selectFrom('prd').select('id').where('deleted_at', 'is', null).orderBy('id').execute()
  return rows.map(({ id }) => id)
}

/** By id of a PRD the one it is a part of; those that stand alone are left out. */
export async function mapParents(reader: Reader): Promise<ReadonlyMap<number, number>> {
  const rows = await reader.sql
    .selectFrom('prd')
    .select(['id', 'parent_id'])
    .where('parent_id', 'is not', null)
    .execute()
  return new Map(rows.flatMap(({ id, parent_id }) => (parent_id === null ? [] : [[id, parent_id] as const])))
}

export interface PrdFilter {
  readonly kind?: PrdKind | undefined
  readonly state?: PrdState | undefined
  readonly repositoryId?: number | undefined
  readonly parentId?: number | undefined
  /** Only these, for example the hits of a search. */
  readonly ids?: readonly number[] | undefined
  readonly deleted: boolean
}

/** A page, newest first, and how many match in all. */
export async function listPrds(
  reader: Reader,
  filter: PrdFilter,
  page: { readonly before?: number | undefined; readonly limit: number },
): Promise<{ readonly prds: readonly PrdRecord[]; readonly total: number }> {
  let query = reader.sql.selectFrom('prd').where('deleted_at', filter.deleted ? 'is not' : 'is', null)
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.parentId !== undefined) query = query.where('parent_id', '=', filter.parentId)
  if (filter.ids !== undefined) query = query.where('id', 'in', filter.ids.length > 0 ? filter.ids : [-1])
  const { repositoryId } = filter
  if (repositoryId !== undefined) {
    query = query.where('id', 'in', (eb) =>
      eb.selectFrom('prd_repository').select('prd_id').where('repository_id', '=', repositoryId),
    )
  }
  const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  if (page.before !== undefined) query = query.where('id', '<', page.before)
  const rows = await query.selectAll().orderBy('id', 'desc').limit(page.limit).execute()
  return { prds: await withRepositories(reader, rows), total }
}

/** Text of a revision; undefined where there is no such revision. */
export async function findPrdBody(reader: Reader, prdId: number, revision: number): Promise<string | undefined> {
  const row = await reader.sql
    .selectFrom('prd_revision')
    .select('body')
    .where('prd_id', '=', prdId)
    .where('number', '=', revision)
    .executeTakeFirst()
  return row?.body
}

/** Newest first. */
export async function listPrdRevisions(reader: Reader, prdId: number, limit: number): Promise<readonly PrdRevision[]> {
  const rows = await reader.sql
    .selectFrom('prd_revision')
    .select(['number', 'hash', 'actor', 'reason', 'based_on', 'at'])
    .where('prd_id', '=', prdId)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    number: row.number,
    hash: row.hash,
    actor: storedJson(Actor, row.actor),
    reason: row.reason,
    ...(row.based_on !== null && { basedOn: row.based_on }),
    at: row.at,
  }))
}
