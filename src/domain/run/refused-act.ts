import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { taskKey } from '../../../schemas/key.ts'
import { listEvents } from '../../store/events.ts'
import { type AttemptRecord, listAttempts } from '../../store/run/attempts.ts'
import { consult, type Service, transact } from '../service.ts'
import { getTask } from '../task/claim.ts'
import { refuseAct } from './transition.ts'

const LONGEST_ACT = 300

/** Notes that what runs under one of these marks was refused what only people do; nothing where no attempt has such a mark. */
export async function noteRefusedAct(
  service: Service,
  caller: Principal,
  marks: readonly string[],
  act: string,
): Promise<void> {
  await transact(service, caller, 'task.attempt', async (tx, now) => {
    const attempt = (await listAttempts(tx, { state: 'working' })).find(({ mark }) => marks.includes(mark))
    if (attempt === undefined) return
    const task = await getTask(tx, attempt.taskId)
    await refuseAct(tx, { actor: actorOf(caller), now }, attempt, task, act.slice(0, LONGEST_ACT))
  })
}

/** More of them say nothing new. */
const MOST = 500

/** What an attempt was refused, as the command line of each; the newest first. */
export async function listRefusedActs(
  service: Service,
  caller: Principal,
  { taskId, number }: Pick<AttemptRecord, 'taskId' | 'number'>,
): Promise<readonly string[]> {
  const filter = { subject: taskKey(taskId), type: 'attempt.refused' }
  const page = { limit: MOST, newestFirst: true }
  const events = await consult(service, caller, 'task.read', async (reader) => await listEvents(reader, filter, page))
  return events.flatMap(({ payload }) => {
    const { attempt, act } = payload
    return attempt === number && typeof act === 'string' ? [act] : []
  })
}
