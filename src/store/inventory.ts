import { sql } from 'kysely'
import type { Reader } from './database.ts'

/** What lies in a workspace and how large it is, for whoever looks after it. */
export interface Inventory {
  /** Version of the engine, and the newest migration. */
  readonly engine: string
  readonly migration: string
  readonly events: number
  readonly leases: readonly Lease[]
  /** Largest first. */
  readonly relations: readonly Relation[]
}

interface Lease {
  readonly taskId: number
  readonly holder: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

interface Relation {
  readonly name: string
  readonly kind: 'table' | 'index'
  readonly bytes: number
}

export async function readInventory(reader: Reader): Promise<Inventory> {
  const events = await reader.sql
    .selectFrom('event')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const leases = await reader.sql
    .selectFrom('task')
    .select(['id', 'holder', 'lease_expires_at'])
    .where('lease_expires_at', 'is not', null)
    .orderBy('lease_expires_at')
    .execute()
  const { rows: migrations } = await sql<{ name: string }>`SELECT max(name) AS name FROM kysely_migration`.execute(
    reader.sql,
  )
  const sqlite = reader.dialect.name === 'sqlite'
  const { rows: versions } = sqlite
    ? await sql<{ version: string }>`SELECT sqlite_version() AS version`.execute(reader.sql)
    : await sql<{ version: string }>`SELECT current_setting('server_version') AS version`.execute(reader.sql)
  return {
    engine: `${sqlite ? 'SQLite' : 'PostgreSQL'} ${versions[0]?.version ?? ''}`,
    migration: migrations[0]?.name ?? 'none',
    events: Number(events.count),
    leases: leases.map((row) => ({
      taskId: row.id,
      holder: row.holder ?? 'unknown',
      expiresAt: row.lease_expires_at ?? 0,
    })),
    relations: await readRelations(reader, sqlite),
  }
}

async function readRelations(reader: Reader, sqlite: boolean): Promise<readonly Relation[]> {
  const { rows } = sqlite
    ? await sql<Relation>`
        SELECT size.name, CASE WHEN part.type = 'index' OR size.name LIKE 'search%' THEN 'index' ELSE 'table' END AS kind, size.pgsize AS bytes
        FROM dbstat AS size LEFT JOIN sqlite_schema AS part ON part.name = size.name
        WHERE size.aggregate = TRUE ORDER BY size.pgsize DESC`.execute(reader.sql)
    : await sql<Relation>`
        SELECT relname AS name, CASE relkind WHEN 'i' THEN 'index' ELSE 'table' END AS kind, pg_relation_size(oid) AS bytes
        FROM pg_class WHERE relkind IN ('i', 'r') AND relnamespace = current_schema()::regnamespace
        ORDER BY pg_relation_size(oid) DESC`.execute(reader.sql)
  return rows
}
