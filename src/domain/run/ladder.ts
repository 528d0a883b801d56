import type { DiagnosticReport, RunOptions } from '../../../schemas/run.ts'
import type { Reader } from '../../store/database.ts'
import { listAttempts } from '../../store/run/attempts.ts'
import type { RunRecord } from '../../store/run/runs.ts'

/** Reports of the tries at a task in a run that were at fault, since the run was last retried. */
export async function failuresOf(reader: Reader, run: RunRecord, taskId: number): Promise<readonly DiagnosticReport[]> {
  const failed = await listAttempts(reader, { taskId, runId: run.id, state: 'failed' })
  const since = run.retriedAt ?? 0
  return failed.flatMap(({ report, startedAt }) => (report === undefined || startedAt < since ? [] : [report]))
}

/** Who tries next after so many failures: the run's own setup, and at last its fallback, which are up to two side by side. */
export function nextSetups({ agent, attempts, fallback }: RunOptions, failures: number): readonly string[] {
  return failures > 0 && failures + 1 >= attempts && fallback.length > 0 ? fallback : [agent]
}

/**
 * The options of a run as they hold under one of its setups, `agent` or `agent:model`. Without a model the run's own agent
 * keeps the run's, and another takes what it takes by itself.
 */
export function optionsUnder({ model, command, ...options }: RunOptions, setup: string): RunOptions {
  const [, agent = setup, named] = /^([^:]+):(.+)$/.exec(setup) ?? []
  const own = agent === options.agent
  const chosen = named ?? (own ? model : undefined)
  return { ...options, agent, command: own ? command : [], ...(chosen !== undefined && { model: chosen }) }
}
