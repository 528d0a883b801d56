import { openDatabase } from '../../src/store/open.ts'

// Opens the database at a moment it shares with other processes, so that all find work to do, and says what it found.
const [place = '', moment = '0'] = process.argv.slice(2)
while (Date.now() < Number(moment)) await new Promise((done) => setTimeout(done, 1))
try {
  const database = await openDatabase(place.startsWith('postgres:') ? { url: place } : { file: place })
  const [workspace] = await database.read(async ({ sql }) => await sql.selectFrom('workspace').selectAll().execute())
  await database.close()
  process.stdout.write(workspace?.uuid ?? 'no workspace')
} catch (error) {
  process.stdout.write(String(error))
}
