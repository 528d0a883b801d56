import type { Selectable } from 'kysely'
import type { Reader } from '../database.ts'
import type { Tables } from '../tables.ts'

export interface ChangeSetRecord {
  readonly id: number
  readonly prdId: number | undefined
  readonly title: string
  readonly state: string
  /** JSON of what the last integration or delivery said. */
  readonly detail: unknown
  readonly createdAt: number
  readonly updatedAt: number
}

export interface MemberRecord {
  readonly changeSetId: number
  readonly repositoryId: number
  readonly repository: string
  readonly root: string
  /** Without `refs/heads/`. */
  readonly branch: string
  /** Branch it will be delivered to. */
  readonly target: string
  readonly base: string
  readonly head: string
  readonly state: string
  readonly detail: unknown
}

function fromRow(row: Selectable<Tables['change_set']>): ChangeSetRecord {
  return {
    id: row.id,
    prdId: row.prd_id ?? undefined,
    title: row.title,
    state: row.state,
    detail: JSON.parse(row.detail),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export async function findChangeSet(reader: Reader, id: number): Promise<ChangeSetRecord | undefined> {
  const row = await reader.sql.selectFrom('change_set').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** The newest first. */
export async function listChangeSets(
  reader: Reader,
  page: { readonly before: number | undefined; readonly limit: number },
): Promise<readonly ChangeSetRecord[]> {
  let query = reader.sql.selectFrom('change_set').selectAll()
  if (page.before !== undefined) query = query.where('id', '<', page.before)
  return (await query.orderBy('id', 'desc').limit(page.limit).execute()).map(fromRow)
}

export async function countChangeSets(reader: Reader): Promise<number> {
  const { n } = await reader.sql
    .selectFrom('change_set')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return n
}

/** The change set of a PRD that still takes work. */
export async function findOpenChangeSet(reader: Reader, prdId: number): Promise<ChangeSetRecord | undefined> {
  const row = await reader.sql
    .selectFrom('change_set')
    .selectAll()
    .where('prd_id', '=', prdId)
    .where('state', 'in', ['open', 'tested', 'failed'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Those that are not delivered, newest first. */
export async function listUndelivered(reader: Reader, prdId: number | undefined): Promise<readonly ChangeSetRecord[]> {
  let query = reader.sql
    .selectFrom('change_set')
    .selectAll()
    .where('state', '<>', 'delivered')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('change_set_member')
          .select('change_set_id')
          .whereRef('change_set_id', '=', 'change_set.id')
          .whereRef('base_commit', '<>', 'head_commit'),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('attempt')
            .select('id')
            .whereRef('change_set_id', '=', 'change_set.id')
            .where('attempt.state', '=', 'working'),
        ),
      ),
    )
  if (prdId !== undefined) query = query.where('prd_id', '=', prdId)
  return (await query.orderBy('id', 'desc').execute()).map(fromRow)
}

export async function listMembers(reader: Reader, changeSetId: number): Promise<readonly MemberRecord[]> {
  const rows = await reader.sql
    .selectFrom('change_set_member')
    .innerJoin('repository', 'repository.id', 'change_set_member.repository_id')
    .selectAll('change_set_member')
    .select(['repository.name', 'repository.root'])
    .where('change_set_id', '=', changeSetId)
    .orderBy('repository_id')
    .execute()
  return rows.map((row) => ({
    changeSetId: row.change_set_id,
    repositoryId: row.repository_id,
    repository: row.name,
    root: row.root ?? '',
    branch: row.branch,
    target: row.target,
    base: row.base_commit,
    head: row.head_commit,
    state: row.state,
    detail: JSON.parse(row.detail),
  }))
}
