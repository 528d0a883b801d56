import { expect } from 'vitest'
import { knownEvent } from '../../schemas/event.ts'
import { changeSetKey, prdKey, runKey, taskKey } from '../../schemas/key.ts'
import type { Database, Reader } from '../../src/store/database.ts'

interface Entry {
  readonly type: string
  readonly subject: string
  readonly revision: number | null
  readonly payload: Readonly<Record<string, unknown>>
}

/** Events that leave the row of their subject as it is. */
const LEAVES_ROW = [
  'task.noted',
  'task.validated',
  'prd.split',
  'prd.split_undone',
  'prd.finding_accepted',
  'prd.reviewed',
]

/** Whatever was done: every revision of every row has one event, every state is the one last told, and every payload keeps its schema. */
export async function expectTold(database: Database, note = ''): Promise<void> {
  expect(await database.read(findUntold), note).toEqual([])
}

/** What the log does not say, or says otherwise than the rows do. */
async function findUntold(reader: Reader): Promise<readonly string[]> {
  const { sql } = reader
  const rows = await sql.selectFrom('event').selectAll().orderBy('id').execute()
  const events = rows.map((row): Entry => ({ ...row, payload: JSON.parse(row.payload) }))
  const about = Map.groupBy(events, ({ subject }) => subject)
  const untold: string[] = []
  for (const { id, type, subject, at, actor, payload } of rows)
    if (knownEvent({ id, type, subject, at, actor: JSON.parse(actor), payload: JSON.parse(payload) }) === undefined)
      untold.push(`${type} of ${subject} breaks its schema: ${payload}`)

  const revisions = (subject: string, noun: string) =>
    (about.get(subject) ?? [])
      .filter(({ type }) => type.startsWith(`${noun}.`) && !LEAVES_ROW.includes(type))
      .map(({ type, payload, revision }) => (type === 'prd.edited' ? payload['version'] : revision))
  const compareRevisions = (subject: string, noun: string, revision: number) => {
    const wanted = Array.from({ length: revision }, (_, index) => index + 1)
    const told = revisions(subject, noun)
    if (told.join() !== wanted.join()) untold.push(`${subject} is at ${revision}, and told are ${told.join()}`)
  }
  for (const { id, revision } of await sql.selectFrom('task').select(['id', 'revision']).execute())
    compareRevisions(taskKey(id), 'task', revision)
  for (const { id, version } of await sql.selectFrom('prd').select(['id', 'version']).execute())
    compareRevisions(prdKey(id), 'prd', version)
  for (const { name, revision } of await sql.selectFrom('repository').select(['name', 'revision']).execute())
    compareRevisions(name, 'repository', revision)

  // Runs, attempts and change sets count no revisions: there the state must be the one last told.
  const compareState = (what: string, state: string, told: unknown) => {
    if (told !== state) untold.push(`${what} is ${state}, and told is ${told}`)
  }
  for (const { id, state, wanted } of await sql.selectFrom('run').select(['id', 'state', 'wanted']).execute()) {
    const last = about.get(runKey(id))?.at(-1)?.payload
    compareState(runKey(id), `${state}, ${wanted}`, `${last?.['state']}, ${last?.['wanted']}`)
  }
  for (const { task_id, number, state } of await sql.selectFrom('attempt').selectAll().execute()) {
    const own = (about.get(taskKey(task_id)) ?? []).filter(
      ({ type, payload }) => type.startsWith('attempt.') && payload['attempt'] === number,
    )
    const told = own.at(-1)?.type.slice('attempt.'.length)
    compareState(`attempt ${number} at ${taskKey(task_id)}`, state, WORKING.includes(told ?? '') ? 'working' : told)
  }
  for (const { id, state } of await sql.selectFrom('change_set').select(['id', 'state']).execute()) {
    const told = about.get(changeSetKey(id))?.at(-1)?.type.slice('changeset.'.length)
    compareState(changeSetKey(id), state, told === 'opened' ? 'open' : told)
  }
  return untold
}

const WORKING = ['started', 'inherited']
