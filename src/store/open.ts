import type { Database } from './database.ts'

/** Opens the workspace in a file or in PostgreSQL; the engine that is not used is not loaded. */
export async function openDatabase(where: { readonly file: string } | { readonly url: string }): Promise<Database> {
  if ('url' in where) {
    const { openPostgres } = await import('./postgres/open-postgres.ts')
    return await openPostgres({ url: where.url })
  }
  const { openSqlite } = await import('./sqlite/open-sqlite.ts')
  return await openSqlite({ file: where.file })
}
