import type { Selectable } from 'kysely'
import { z } from 'zod'
import { Actor } from '../../../schemas/actor.ts'
import type { AgentUsage } from '../../../schemas/agent.ts'
import { changeSetKey, prdKey, runKey, taskKey } from '../../../schemas/key.ts'
import { CheckCommand } from '../../../schemas/repository.ts'
import { type Run, RunOptions, RunState } from '../../../schemas/run.ts'
import type { Reader } from '../database.ts'
import { storedJson, storedValue } from '../stored.ts'
import type { Tables } from '../tables.ts'
import { listAttempts, sumUsage } from './attempts.ts'

/** Runs of before there were several fallbacks have one or none. */
const StoredOptions = RunOptions.extend({
  fallback: z.preprocess(
    (stored) => (Array.isArray(stored) ? stored : [stored].filter((setup) => setup !== undefined)),
    RunOptions.shape.fallback,
  ),
})

/** The checks of a repository as a run began with them. */
export const FrozenChecks = z.object({
  repository: z.int(),
  /** What people set. */
  commands: z.array(CheckCommand),
  /** What its files said. */
  detected: z.array(CheckCommand),
})
export type FrozenChecks = z.infer<typeof FrozenChecks>

export interface RunRecord extends Omit<Run, 'id' | 'prd' | 'tasks' | 'changeSet' | 'spend'> {
  readonly id: number
  readonly prdId: number | undefined
  readonly changeSetId: number
  readonly checks: readonly FrozenChecks[]
  /** Worker that tests and delivers what is finished. */
  readonly finisher: string | undefined
  /** When a person gave its failed tasks a new set of tries. */
  readonly retriedAt: number | undefined
}

const Wanted = ['run', 'pause', 'cancel'] as const

function fromRow(row: Selectable<Tables['run']>): RunRecord {
  return {
    id: row.id,
    prdId: row.prd_id ?? undefined,
    title: row.title,
    state: storedValue(RunState, row.state),
    wanted: Wanted.find((wanted) => wanted === row.wanted) ?? 'run',
    options: storedJson(StoredOptions, row.options),
    checks: storedJson(z.array(FrozenChecks), row.checks),
    changeSetId: row.change_set_id,
    finisher: row.finisher ?? undefined,
    retriedAt: row.retried_at ?? undefined,
    ...(row.reason !== null && { reason: row.reason }),
    by: storedJson(Actor, row.actor),
    createdAt: row.created_at,
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
  }
}

export async function findRun(reader: Reader, id: number): Promise<RunRecord | undefined> {
  const row = await reader.sql.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** Runs that are not over, oldest first. */
export async function listOpenRuns(reader: Reader): Promise<readonly RunRecord[]> {
  const rows = await reader.sql
    .selectFrom('run')
    .selectAll()
    .where('state', 'in', ['queued', 'running', 'paused'])
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

/** The newest runs first. */
export async function listRuns(
  reader: Reader,
  page: { readonly before?: number | undefined; readonly limit: number },
): Promise<readonly RunRecord[]> {
  let query = reader.sql.selectFrom('run').selectAll()
  if (page.before !== undefined) query = query.where('id', '<', page.before)
  const rows = await query.orderBy('id', 'desc').limit(page.limit).execute()
  return rows.map(fromRow)
}

export async function countAllRuns(reader: Reader, before: number | undefined): Promise<number> {
  let query = reader.sql.selectFrom('run')
  if (before !== undefined) query = query.where('id', '<', before)
  const { n } = await query.select((eb) => eb.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()
  return n
}

export async function listRunTasks(reader: Reader, id: number): Promise<readonly number[]> {
  const rows = await reader.sql
    .selectFrom('run_task')
    .select('task_id')
    .where('run_id', '=', id)
    .orderBy('task_id')
    .execute()
  return rows.map((row) => row.task_id)
}

/** The run that is not over and has this task. */
export async function findOpenRunOf(reader: Reader, taskId: number): Promise<number | undefined> {
  const row = await reader.sql
    .selectFrom('run_task')
    .innerJoin('run', 'run.id', 'run_task.run_id')
    .select('run.id')
    .where('run_task.task_id', '=', taskId)
    .where('run.state', 'in', ['queued', 'running', 'paused'])
    .executeTakeFirst()
  return row?.id
}

/** What all attempts of a run used together. */
export async function spendOf(reader: Reader, id: number): Promise<AgentUsage> {
  return sumUsage((await listAttempts(reader, { runId: id })).map((attempt) => attempt.usage))
}

export async function presentRun(reader: Reader, run: RunRecord): Promise<Run> {
  const { prdId, changeSetId, id, finisher: _, retriedAt: __, checks: ___, ...rest } = run
  return {
    ...rest,
    id: runKey(id),
    ...(prdId !== undefined && { prd: prdKey(prdId) }),
    changeSet: changeSetKey(changeSetId),
    tasks: (await listRunTasks(reader, id)).map((task) => taskKey(task)),
    spend: await spendOf(reader, id),
  }
}
