import { openDatabase } from '../../src/store/open.ts'

// Writes rows one after another and says each number after it was committed; it is killed from outside.
const [file = '', name = ''] = process.argv.slice(2)
const database = await openDatabase({ file })
for (let value = 1; ; value += 1) {
  await database.write(async (tx) => {
    await tx.sql
      .insertInto('counter')
      .values({ name: `${name}-${value}`, value })
      .execute()
    await tx.dialect.indexText(tx, { kind: 'task', id: value, title: `${name} ${value}`, body: 'x'.repeat(200) })
  })
  process.stdout.write(`${value}\n`)
}
