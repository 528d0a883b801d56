import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { runKey } from '../../../schemas/key.ts'
import type { Run } from '../../../schemas/run.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import type { Reader } from '../../store/database.ts'
import { listRunTasks, presentRun } from '../../store/run/runs.ts'
import type { TaskRecord } from '../../store/task/tasks.ts'
import { can } from '../access/can.ts'
import { type Request, type Service, transact } from '../service.ts'
import { getTask } from '../task/claim.ts'
import { moveTask } from '../task/transition.ts'
import { freezeChecks, repositoriesOf } from './frozen-checks.ts'
import { getRun } from './read.ts'
import { changeRun } from './transition.ts'

export type RunAction = 'pause' | 'resume' | 'cancel' | 'retry'

const ASKED = { pause: 'run.pause_asked', resume: 'run.resumed', cancel: 'run.cancel_asked' } as const

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
        throw new SpekiError('precondition_failed', `${runKey(id)} is ${run.state}; there is nothing to ${action}.`, {
          hint:
            action !== 'resume' || run.state === 'succeeded'
              ? hint`See how it ended: ${step('run_status', { run: runKey(id) })}.`
              : hint`Give what failed new tries: ${step('run_control', { run: runKey(id), action: 'retry' })}.`,
        })
      const doer = { actor: actorOf(caller), now }
      const goesOn = action === 'resume' || action === 'retry'
      const tasks = goesOn ? await tasksOf(tx, id) : []
      // Who mends a check and lets the run go on means that check; an agent's word does not change what it is judged by.
      const checks =
        goesOn && can(caller, 'repository.set_commands').allowed
          ? (await repositoriesOf(tx, tasks)).map(freezeChecks)
          : undefined
      if (action === 'retry') {
        for (const task of tasks) if (task.status === 'failed') await moveTask(tx, doer, task, { to: 'todo' })
        const again = { state: 'queued', wanted: 'run', reason: null, retriedAt: now, endedAt: null, checks } as const
        await changeRun(tx, doer, run, 'run.retried', again)
      } else {
        const idle = run.state === 'queued' || run.state === 'paused'
        await changeRun(tx, doer, run, ASKED[action], {
          wanted: action === 'resume' ? 'run' : action,
          checks,
          ...(action === 'resume' && { reason: null }),
          ...(action === 'resume' && run.state === 'paused' && { state: 'running' }),
          ...(action === 'cancel' && idle && { state: 'cancelled', endedAt: now }),
        })
      }
      return await presentRun(tx, await getRun(tx, id))
    },
    request,
  )
}

async function tasksOf(reader: Reader, run: number): Promise<readonly TaskRecord[]> {
  const tasks: TaskRecord[] = []
  for (const id of await listRunTasks(reader, run)) tasks.push(await getTask(reader, id))
  return tasks
}
