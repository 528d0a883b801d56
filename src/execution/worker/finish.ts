import { changeSetKey } from '../../../schemas/key.ts'
import { finishRun } from '../../domain/run/settle.ts'
import type { WorkerCaller } from '../../domain/worker.ts'
import { logFailure } from '../../log.ts'
import type { RunRecord } from '../../store/run/runs.ts'
import { deliver, prepareDelivery, reasonOf } from '../change-set/deliver.ts'
import type { ExecutionContext } from '../context.ts'

/**
 * Tests what a run made, all repositories together, and delivers it where the run says so; then the run is over. What the
 * world does meanwhile (a disk that fills up, a folder that moves, somebody else who delivers) ends this run alone.
 */
export async function finishChangeSet(
  context: ExecutionContext,
  worker: WorkerCaller,
  run: RunRecord,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const key = changeSetKey(run.changeSetId)
  const tell = (message: string) => say(`${key}: ${message}`)
  const { state, reason } = await tested(context, worker, run, tell, signal).catch((error: unknown) => {
    if (signal.aborted) throw error
    logFailure('run.finish', { run: run.id })(error)
    return { state: 'failed' as const, reason: `${reasonOf(error)} What was made is in ${key}: deliver it from there.` }
  })
  await finishRun(context.service, worker, run, state, reason)
}

async function tested(
  context: ExecutionContext,
  worker: WorkerCaller,
  { changeSetId, checks, options }: RunRecord,
  tell: (message: string) => void,
  signal: AbortSignal,
): Promise<{ readonly state: 'succeeded' | 'failed'; readonly reason: string | undefined }> {
  const failed = (reason: string) => ({ state: 'failed' as const, reason })
  const { integration, problems } = await prepareDelivery(context, worker, changeSetId, 'local', tell, signal, checks)
  if (integration.ejected.length > 0) return failed(`CROSS_REPO: ${problems.join('; ')}`)
  const succeeded = { state: 'succeeded' as const, reason: integration.notes.join('; ') || undefined }
  if (options.deliver === 'none' || integration.parts.length === 0) return succeeded
  if (problems.length > 0) return failed(`Tested, but not delivered: ${problems.join('; ')}`)
  const { stoppedAt } = await deliver(context, worker, changeSetId, integration, signal)
  return stoppedAt === undefined ? succeeded : failed(`Delivery stopped at ${stoppedAt.name}: ${stoppedAt.reason}`)
}
