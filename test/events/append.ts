import type { Database } from '../../src/store/database.ts'
import { appendEvents } from '../../src/store/events.ts'

export async function append(database: Database, count: number): Promise<void> {
  const event = {
    at: 1,
    type: 'knowledge.settled',
    subject: 'KNOW-1',
    actor: { kind: 'person', name: 'ada' },
    payload: {},
  } as const
  await database.write(async (tx) => await appendEvents(tx, Array(count).fill(event)))
}
