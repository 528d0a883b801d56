/** Holds the write lock of a database file until its input ends, as a program that is not SPEKI (`raw`) or as SPEKI (`speki`). */
import { once } from 'node:events'
import Sqlite from 'better-sqlite3'
import { inRequest } from '../../src/request.ts'
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts'

const [file = '', kind] = process.argv.slice(2)
const told = once(process.stdin, 'end')
process.stdin.resume()

if (kind === 'raw') {
  const handle = new Sqlite(file)
  handle.exec('BEGIN IMMEDIATE')
  process.stdout.write('held\n')
  await told
  handle.close()
} else {
  const database = await openSqlite({ file })
  await inRequest({ id: 'r', operation: 'prd_import', actor: 'claude-code' }, async () => {
    await database.write(async (tx) => {
      await tx.sql.selectFrom('counter').select('name').execute()
      process.stdout.write('held\n')
      await told
    })
  })
  await database.close()
}
