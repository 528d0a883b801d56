import type { Reader } from './database.ts'

/** The id that no other workspace has. */
export async function findWorkspaceId(reader: Reader): Promise<string> {
  const { uuid } = await reader.sql.selectFrom('workspace').select('uuid').executeTakeFirstOrThrow()
  return uuid
}
