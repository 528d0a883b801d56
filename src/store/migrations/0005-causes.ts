import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Cause } from '../../../schemas/cause.ts'
import { taskKey } from '../../../schemas/key.ts'

interface Database {
  task: { id: number; status: string; block_reason: string | null; cause: string | null }
  task_requirement: { task_id: number; requirement_id: number }
  event: { id: number; type: string; subject: string; actor: string; payload: string }
}

/** Why a task is blocked, failed or cancelled becomes a kind with data; the sentences that stood there are read this once. */
export function causes(): Migration {
  return {
    async up(db: Kysely<Database>) {
      await sql.raw('ALTER TABLE task ADD COLUMN cause TEXT').execute(db)
      const rows = await db
        .selectFrom('task')
        .select(['id', 'status', 'block_reason'])
        .where('block_reason', 'is not', null)
        .execute()
      for (const { id, status, block_reason } of rows) {
        const cause = await causeOf(db, id, status, block_reason ?? '')
        await db
          .updateTable('task')
          .set({ cause: JSON.stringify(cause) })
          .where('id', '=', id)
          .execute()
      }
      await sql.raw('ALTER TABLE task DROP COLUMN block_reason').execute(db)
    },
  }
}

const GIVEN_UP = /^([A-Z_]+) after (\d+) attempts?: (.*)$/s

/** Whoever gave the reason is in the log; what a plan or an import wrote itself has no such event. */
async function causeOf(db: Kysely<Database>, id: number, status: string, reason: string): Promise<Cause> {
  const event = await db
    .selectFrom('event')
    .select(['actor', 'payload'])
    .where('subject', '=', taskKey(id))
    .where('type', '=', `task.${status}`)
    .orderBy('id', 'desc')
    .executeTakeFirst()
  const replaced = /^replaced by PLAN-(\d+)$/.exec(reason)
  if (status === 'cancelled' && replaced !== null) return { kind: 'plan', plan: Number(replaced[1]) }
  if (event !== undefined && JSON.parse(event.payload).reason === reason) {
    const givenUp = GIVEN_UP.exec(reason)
    if (givenUp !== null) {
      const [, failure = '', attempts, summary = ''] = givenUp
      return { kind: 'run', failure, attempts: Number(attempts), reason: summary }
    }
    return { kind: JSON.parse(event.actor).kind, reason }
  }
  const question = status === 'blocked' ? /^open question, line (\d+): (.*)$/s.exec(reason) : null
  if (question === null) return { kind: 'import', reason }
  const traces = await db.selectFrom('task_requirement').select('requirement_id').where('task_id', '=', id).execute()
  return {
    kind: 'open_question',
    line: Number(question[1]),
    question: question[2] ?? '',
    requirements: traces.map((trace) => trace.requirement_id),
  }
}
