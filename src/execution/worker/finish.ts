import { changeSetKey } from '../../../schemas/key.ts'
import { finishRun } from '../../domain/run/settle.ts'
import type { WorkerCaller } from '../../domain/worker.ts'
import type { RunRecord } from '../../store/run/runs.ts'
import { deliver, prepareDelivery } from '../change-set/deliver.ts'
import type { ExecutionContext } from '../context.ts'

/** Tests what a run made, all repositories together, and delivers it where the run says so; then the run is over. */
export async function finishChangeSet(
  context: ExecutionContext,
  worker: WorkerCaller,
  run: RunRecord,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const end = async (state: 'succeeded' | 'failed', reason?: string) =>
    await finishRun(context.service, worker, run, state, reason)
  const tell = (message: string) => say(`${changeSetKey(run.changeSetId)}: ${message}`)
  const { changeSetId, checks } = run
  const { integration, problems } = await prepareDelivery(context, worker, changeSetId, 'local', tell, signal, checks)
  if (integration.ejected.length > 0) return await end('failed', `CROSS_REPO: ${problems.join('; ')}`)
  if (run.options.deliver === 'none' || integration.parts.length === 0) return await end('succeeded')
  if (problems.length > 0) return await end('failed', `Tested, but not delivered: ${problems.join('; ')}`)
  const { stoppedAt } = await deliver(context, worker, run.changeSetId, integration, signal)
  if (stoppedAt === undefined) return await end('succeeded')
  await end('failed', `Delivery stopped at ${stoppedAt.name}: ${stoppedAt.reason}`)
}
