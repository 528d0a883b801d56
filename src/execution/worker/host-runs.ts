import { runKey, taskKey } from '../../../schemas/key.ts'
import { inheritRuns } from '../../domain/run/inherit.ts'
import { readOpenRuns } from '../../domain/run/read.ts'
import { settleRuns } from '../../domain/run/settle.ts'
import { type Assignment, takeWork, wishes } from '../../domain/run/work.ts'
import type { Host, HostedWork } from '../../jobs/host.ts'
import type { ExecutionContext } from '../context.ts'
import { attemptPlace } from '../places.ts'
import { finishChangeSet } from './finish.ts'
import { recover, sweep } from './recover.ts'
import { workOnTask } from './work-task.ts'

/** Works on runs: tasks of several runs side by side, then the change set of one run after another. */
export function hostRuns(context: ExecutionContext): HostedWork {
  const { service } = context
  const place = attemptPlace(context.folder)
  /** By task. */
  const hands = new Map<number, { readonly assignment: Assignment; readonly cancel: AbortController }>()
  let finishing = false

  const begin = (host: Host, assignment: Assignment, rivals: readonly Assignment[]) => {
    const { attempt, repository } = assignment
    const cancel = new AbortController()
    hands.set(attempt.taskId, { assignment, cancel })
    host.say(`${taskKey(attempt.taskId)} in ${repository.name}: ${attempt.agent} begins`)
    host.begin(async (signal) => {
      await workOnTask(context, host, assignment, rivals, place, AbortSignal.any([signal, cancel.signal])).finally(() =>
        hands.delete(attempt.taskId),
      )
    })
  }

  const cancelWhatIsAsked = async (host: Host) => {
    if (hands.size === 0) return
    const runs = [...hands.values()].map(({ assignment }) => assignment.run.id)
    const asked = await wishes(service, host, runs)
    for (const { assignment, cancel } of hands.values())
      if (asked.get(assignment.run.id)?.wanted === 'cancel') cancel.abort()
  }

  return {
    prepare: async (host, signal) => await sweep(context, host, signal),
    async takeOver(tx, host, dead, now) {
      const inherited = await inheritRuns(tx, host, dead, now)
      return async (signal) => {
        for (const each of inherited) {
          host.say(`${taskKey(each.attempt.taskId)}: its worker died; clearing up`)
          await recover(context, host, each, signal)
        }
        await sweep(context, host, signal)
      }
    },
    async look(host) {
      await cancelWhatIsAsked(host)
      // What waits for the end of a change set waits until it is tested: tests of two at once would take each other's time.
      if (finishing || (await readOpenRuns(service, host)).length === 0) return false
      const finished = await settleRuns(service, host)
      if (finished !== undefined) {
        host.say(`${runKey(finished.id)}: every task is done; testing its change set`)
        finishing = true
        host.begin(async (signal) => {
          await finishChangeSet(context, host, finished, host.say, signal).finally(() => {
            finishing = false
          })
        })
        return false
      }
      const [assignment, ...rivals] = await takeWork(service, host, place)
      if (assignment !== undefined) begin(host, assignment, rivals)
      return assignment !== undefined
    },
    // Paused ones wait for a person.
    isNeeded: async (host) =>
      (await readOpenRuns(service, host)).some(({ state, wanted }) => state !== 'paused' && wanted !== 'pause'),
  }
}
