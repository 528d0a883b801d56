import { isDeepStrictEqual } from 'node:util'
import type { Principal } from '../../../schemas/actor.ts'
import { taskKey } from '../../../schemas/key.ts'
import type { SomeTaskFields } from '../../../schemas/task.ts'
import type { Reader } from '../../store/database.ts'
import { listEvents } from '../../store/events.ts'
import { listRequirementsOf } from '../../store/task/task-links.ts'
import type { TaskRecord } from '../../store/task/tasks.ts'
import { demand } from '../access/can.ts'

/**
 * What a task is measured by: its criteria, test cases, requirements and named files. Once somebody has claimed it, these
 * change by a person or by a new plan: else whoever does the work decides when it is done.
 */
export async function guardMeasure(
  reader: Reader,
  caller: Principal,
  task: TaskRecord,
  change: Pick<SomeTaskFields, 'acceptanceCriteria' | 'testCases' | 'context'> & {
    readonly requirements?: readonly number[] | undefined
  },
): Promise<void> {
  const emptied = change.acceptanceCriteria?.length === 0 && task.acceptanceCriteria.length > 0
  if (emptied || (task.fence > 0 && (await changesMeasure(reader, task, change))))
    demand(caller, 'task.measure', { key: taskKey(task.id) })
}

async function changesMeasure(
  reader: Reader,
  task: TaskRecord,
  { acceptanceCriteria, testCases, requirements, context }: Parameters<typeof guardMeasure>[3],
): Promise<boolean> {
  const differs = (now: unknown, wanted: unknown) => wanted !== undefined && !isDeepStrictEqual(now, wanted)
  if (differs(task.acceptanceCriteria, acceptanceCriteria) || differs(task.testCases, testCases)) return true
  if (differs(task.context.files ?? [], context?.files)) return true
  if (requirements === undefined) return false
  const traced = (await listRequirementsOf(reader, [task.id])).map(({ requirement }) => requirement)
  return differs(inOrder(traced), inOrder(requirements))
}

const inOrder = (numbers: readonly number[]) => [...new Set(numbers)].sort((a, b) => a - b)

/** Whether criteria were taken from a task that has none now. */
export async function lostItsCriteria(reader: Reader, task: TaskRecord): Promise<boolean> {
  if (task.acceptanceCriteria.length > 0) return false
  const events = await listEvents(
    reader,
    { subject: taskKey(task.id), type: 'task.' },
    { limit: 500, newestFirst: true },
  )
  return events.some(({ payload }) => setsCriteria(payload))
}

function setsCriteria(payload: unknown): boolean {
  if (typeof payload !== 'object' || payload === null) return false
  if ('acceptanceCriteria' in payload && payload.acceptanceCriteria !== undefined) return true
  return 'fields' in payload && Array.isArray(payload.fields) && payload.fields.includes('acceptance_criteria')
}
