import type { Database } from '../../src/store/database.ts'
import { appendEvent } from '../../src/store/events.ts'

export async function append(database: Database, count: number): Promise<void> {
  await database.write(async (tx) => {
    for (let index = 0; index < count; index += 1)
      await appendEvent(tx, {
        at: 1,
        type: 'task.noted',
        subject: 'TASK-1',
        actor: { kind: 'person', name: 'ada' },
        payload: { index },
      })
  })
}
