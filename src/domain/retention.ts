import { actorOf, type Principal } from '../../schemas/actor.ts'
import { Retention } from '../../schemas/retention.ts'
import { appendEvent } from '../store/events.ts'
import { type AttemptRecord, listAttempts } from '../store/run/attempts.ts'
import { findRun } from '../store/run/runs.ts'
import { readSetting, writeSetting } from '../store/settings.ts'
import { findTasks } from '../store/task/tasks.ts'
import { consult, type Service, transact } from './service.ts'

const SETTING = 'retention'

export async function readRetention(service: Service, caller: Principal): Promise<Retention> {
  return await consult(service, caller, 'setting.read', (reader) => readSetting(reader, SETTING, Retention))
}

export async function changeRetention(
  service: Service,
  caller: Principal,
  change: { readonly [Name in keyof Retention]?: number | undefined },
): Promise<Retention> {
  return await transact(service, caller, 'setting.change', async (tx, now) => {
    const named = Object.entries(change).filter(([, days]) => days !== undefined)
    const settings = Retention.parse({ ...(await readSetting(tx, SETTING, Retention)), ...Object.fromEntries(named) })
    await writeSetting(tx, SETTING, settings, now)
    await appendEvent(tx, {
      at: now,
      type: 'workspace.retention_changed',
      subject: 'workspace',
      actor: actorOf(caller),
      payload: settings,
    })
    return settings
  })
}

/**
 * Whether nobody looks for the files of an attempt any more: it ended before the instant, its run is over, and its task does
 * not wait for somebody who will ask why it failed. Undefined where this workspace knows no such attempt.
 */
export async function findSettledAttempt(
  service: Service,
  caller: Principal,
  { taskId, number }: { readonly taskId: number; readonly number: number },
  before: number,
): Promise<AttemptRecord | undefined> {
  return await consult(service, caller, 'run.read', async (reader) => {
    const attempt = (await listAttempts(reader, { taskId })).find((other) => other.number === number)
    if (attempt === undefined || attempt.state === 'working' || (attempt.endedAt ?? before) >= before) return undefined
    const run = attempt.runId === undefined ? undefined : await findRun(reader, attempt.runId)
    if (run !== undefined && run.endedAt === undefined) return undefined
    const [task] = await findTasks(reader, [taskId])
    return task === undefined || ['failed', 'blocked', 'in_progress'].includes(task.status) ? undefined : attempt
  })
}
