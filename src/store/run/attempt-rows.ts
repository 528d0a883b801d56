import type { AgentUsage } from '../../../schemas/agent.ts'
import type { AttemptState, DiagnosticReport } from '../../../schemas/run.ts'
import type { Tx } from '../database.ts'
import type { AttemptRecord } from './attempts.ts'

export type NewAttempt = Omit<AttemptRecord, 'state' | 'rounds' | 'usage' | 'session' | 'report' | 'commit' | 'endedAt'>

export interface AttemptWrite {
  readonly state?: AttemptState | undefined
  readonly workerId?: string | undefined
  readonly base?: string | undefined
  readonly session?: string | undefined
  readonly rounds?: number | undefined
  readonly usage?: AgentUsage | undefined
  readonly commit?: string | undefined
  readonly agent?: string | undefined
  readonly report?: DiagnosticReport | undefined
  readonly endedAt?: number | undefined
}

export async function insertAttempt(tx: Tx, attempt: NewAttempt): Promise<void> {
  await tx.sql
    .insertInto('attempt')
    .values({
      id: attempt.id,
      task_id: attempt.taskId,
      number: attempt.number,
      run_id: attempt.runId ?? null,
      change_set_id: attempt.changeSetId,
      worker_id: attempt.workerId ?? null,
      fence: attempt.fence,
      state: 'working',
      agent: attempt.agent,
      session: null,
      root: attempt.root,
      worktree: attempt.worktree,
      branch: attempt.branch,
      base_commit: attempt.base,
      commit_id: null,
      mark: attempt.mark,
      rounds: 0,
      usage: '{}',
      report: null,
      started_at: attempt.startedAt,
      ended_at: null,
    })
    .execute()
}

export async function updateAttempt(tx: Tx, id: number, write: AttemptWrite): Promise<void> {
  const columns = {
    ...(write.state !== undefined && { state: write.state }),
    ...(write.workerId !== undefined && { worker_id: write.workerId }),
    ...(write.base !== undefined && { base_commit: write.base }),
    ...(write.session !== undefined && { session: write.session }),
    ...(write.rounds !== undefined && { rounds: write.rounds }),
    ...(write.usage !== undefined && { usage: JSON.stringify(write.usage) }),
    ...(write.commit !== undefined && { commit_id: write.commit }),
    ...(write.agent !== undefined && { agent: write.agent }),
    ...(write.report !== undefined && { report: JSON.stringify(write.report) }),
    ...(write.endedAt !== undefined && { ended_at: write.endedAt }),
  }
  if (Object.keys(columns).length === 0) return
  await tx.sql.updateTable('attempt').set(columns).where('id', '=', id).execute()
}
