import type { Subscriber } from '../../src/events/subscriber.ts'
import type { Database } from '../../src/store/database.ts'

type Delivers = Extract<Subscriber, { deliver: unknown }>

/** A subscriber that notes which events it got. */
export function collector(name: string, seen: number[], change: Partial<Delivers> = {}): Subscriber {
  return {
    name,
    from: 'first',
    attempts: 3,
    poison: 'set_aside',
    deliver: async (events) => void seen.push(...events.map(({ id }) => id)),
    ...change,
  }
}

export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

/** Ids follow each other, so that what was skipped shows. */
export const allEvents = async (database: Database) =>
  (await database.read(async ({ sql }) => await sql.selectFrom('event').select('id').orderBy('id').execute())).map(
    ({ id }) => id,
  )
