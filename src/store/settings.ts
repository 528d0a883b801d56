import type { z } from 'zod'
import type { Reader, Tx } from './database.ts'
import { storedJson } from './stored.ts'

/** The value of a setting; where it was never set, what the schema makes of an empty object. */
export async function readSetting<T>(reader: Reader, name: string, schema: z.ZodType<T>): Promise<T> {
  const row = await reader.sql.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst()
  return storedJson(schema, row?.value ?? '{}')
}

export async function writeSetting(tx: Tx, name: string, value: unknown, at: number): Promise<void> {
  const row = { value: JSON.stringify(value), updated_at: at }
  await tx.sql
    .insertInto('setting')
    .values({ name, ...row })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute()
}
