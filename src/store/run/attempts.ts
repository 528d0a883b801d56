import type { Selectable } from 'kysely'
import { AgentUsage } from '../../../schemas/agent.ts'
import { type Attempt, AttemptState, DiagnosticReport } from '../../../schemas/run.ts'
import type { Reader } from '../database.ts'
import { storedJson, storedValue } from '../stored.ts'
import type { Tables } from '../tables.ts'

export interface AttemptRecord extends Omit<Attempt, 'task' | 'run'> {
  readonly taskId: number
  readonly runId: number | undefined
  readonly changeSetId: number
  readonly workerId: string | undefined
}

function fromRow(row: Selectable<Tables['attempt']>): AttemptRecord {
  return {
    id: row.id,
    taskId: row.task_id,
    number: row.number,
    runId: row.run_id ?? undefined,
    changeSetId: row.change_set_id,
    workerId: row.worker_id ?? undefined,
    fence: row.fence,
    state: storedValue(AttemptState, row.state),
    agent: row.agent,
    ...(row.session !== null && { session: row.session }),
    root: row.root,
    worktree: row.worktree,
    branch: row.branch,
    base: row.base_commit,
    ...(row.commit_id !== null && { commit: row.commit_id }),
    mark: row.mark,
    rounds: row.rounds,
    usage: storedJson(AgentUsage, row.usage),
    ...(row.report !== null && { report: storedJson(DiagnosticReport, row.report) }),
    startedAt: row.started_at,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
  }
}

export interface AttemptFilter {
  readonly taskId?: number | undefined
  readonly runId?: number | undefined
  readonly workerId?: string | undefined
  readonly changeSetId?: number | undefined
  readonly state?: AttemptState | undefined
}

/** In the order in which they began. */
export async function listAttempts(reader: Reader, filter: AttemptFilter): Promise<readonly AttemptRecord[]> {
  let query = reader.sql.selectFrom('attempt').selectAll()
  if (filter.taskId !== undefined) query = query.where('task_id', '=', filter.taskId)
  if (filter.runId !== undefined) query = query.where('run_id', '=', filter.runId)
  if (filter.workerId !== undefined) query = query.where('worker_id', '=', filter.workerId)
  if (filter.changeSetId !== undefined) query = query.where('change_set_id', '=', filter.changeSetId)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  return (await query.orderBy('id').execute()).map(fromRow)
}

/** Sum of what is known; a number nobody said stays unknown. */
export function sumUsage(usages: readonly AgentUsage[]): AgentUsage {
  const sum: AgentUsage = {}
  for (const usage of usages) {
    for (const name of AgentUsage.keyof().options) {
      const value = usage[name]
      if (value !== undefined) sum[name] = (sum[name] ?? 0) + value
    }
  }
  return sum
}
