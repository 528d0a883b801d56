import type { Subscriber } from '../../src/events/subscriber.ts'
import { hostFollowers } from '../../src/jobs/followers.ts'
import { runHost } from '../../src/jobs/host.ts'
import { openDatabase } from '../../src/store/open.ts'
import { append } from './append.ts'

// Follows the log with two subscribers and kills itself, as nothing can be caught, at the point it is told: before an effect,
// after the effect and before the cursor, or after the cursor moved.
const [where = '', point = 'never'] = process.argv.slice(2)
const database = await openDatabase(where.startsWith('postgres') ? { url: where } : { file: where })

if (point === 'close') {
  // Watches, appends and closes without giving the watch back: the process must end by itself.
  database.watch(() => {})
  await append(database, 1)
  await database.close()
} else {
  const crash = (at: string) => {
    if (at === point) process.kill(process.pid, 'SIGKILL')
  }
  let first = true
  const exact: Subscriber = {
    name: 'exact',
    from: 'first',
    attempts: 100,
    poison: 'stop',
    async handle(tx, events) {
      if (!first) crash('after')
      first = false
      crash('before')
      for (const { id } of events)
        await tx.sql
          .insertInto('counter')
          .values({ name: `exact-${id}`, value: 1 })
          .onConflict((conflict) =>
            conflict.column('name').doUpdateSet((eb) => ({ value: eb('counter.value', '+', 1) })),
          )
          .execute()
      crash('inside')
    },
  }
  const outside: Subscriber = {
    name: 'outside',
    from: 'first',
    attempts: 100,
    poison: 'stop',
    async deliver(events) {
      await database.write(async (tx) => {
        for (const { id } of events)
          await tx.sql
            .insertInto('counter')
            .values({ name: `outside-${id}-${process.pid}`, value: 1 })
            .execute()
      })
    },
  }
  // Something to follow after the first batch, so that there is a moment after its cursor moved.
  await append(database, 101)
  const work = [hostFollowers([exact, outside], () => 0.5)]
  await runHost({ database, now: Date.now }, { work, untilIdle: true, say: () => {} }, new AbortController().signal)
  await database.close()
}
