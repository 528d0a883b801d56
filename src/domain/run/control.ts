import { actorOf, type Principal } from '../../../schemas/actor.ts'
import type { Run } from '../../../schemas/run.ts'
import { SpekiError } from '../../errors.ts'
import { appendEvent } from '../../store/events.ts'
import { listRunTasks, presentRun, updateRun } from '../../store/run/runs.ts'
import { updateTask } from '../../store/task/tasks.ts'
import { type Request, type Service, transact } from '../service.ts'
import { getTask } from '../task/claim.ts'
import { getRun } from './read.ts'

export type RunAction = 'pause' | 'resume' | 'cancel' | 'retry'

/** Tells the workers of a run what to do; they follow within a second. `retry` gives its failed tasks a new set of tries. */
export async function controlRun(
  service: Service,
  caller: Principal,
  id: number,
  action: RunAction,
  request?: Request,
): Promise<Run> {
  return await transact(
    service,
    caller,
    'run.control',
    async (tx, now) => {
      const run = await getRun(tx, id)
      const over = ['succeeded', 'failed', 'cancelled'].includes(run.state)
      if (action === 'retry' ? run.state === 'succeeded' : over)
        throw new SpekiError('precondition_failed', `RUN-${id} is ${run.state}; there is nothing to ${action}.`, {
          hint:
            action === 'retry' ? 'Start a new run with run_start.' : 'Use retry, or start a new run with run_start.',
        })
      if (action === 'retry') {
        for (const taskId of await listRunTasks(tx, id)) {
          const task = await getTask(tx, taskId)
          if (task.status === 'failed')
            await updateTask(tx, taskId, { status: 'todo', block_reason: null, updated_at: now })
        }
        await updateRun(tx, id, { state: 'queued', wanted: 'run', reason: null, retried_at: now, ended_at: null })
      } else {
        const idle = run.state === 'queued' || run.state === 'paused'
        await updateRun(tx, id, {
          wanted: action === 'resume' ? 'run' : action,
          ...(action === 'resume' && { reason: null }),
          ...(action === 'resume' && run.state === 'paused' && { state: 'running' }),
          ...(action === 'cancel' && idle && { state: 'cancelled', ended_at: now }),
        })
      }
      await appendEvent(tx, {
        at: now,
        type: `run.${{ pause: 'pause_asked', resume: 'resumed', cancel: 'cancel_asked', retry: 'retried' }[action]}`,
        subject: `RUN-${id}`,
        prdId: run.prdId,
        actor: actorOf(caller),
      })
      return await presentRun(tx, await getRun(tx, id))
    },
    request,
  )
}
