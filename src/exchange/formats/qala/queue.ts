import { z } from 'zod'
import type { BundleTask, Homeless } from '../../../../schemas/bundle.ts'
import type { SourceFile } from '../../format.ts'
import { otherFields, parseJson, parseShape } from '../reading/json.ts'

const Word = z.string().nullish()
const Entry = z.looseObject({
  specId: z.string().min(1),
  taskId: z.string().min(1),
  status: z.string().default('queued'),
  queuedAt: Word,
  startedAt: Word,
  completedAt: Word,
})
export type QueueEntry = z.infer<typeof Entry>
const Queue = z.looseObject({ queue: z.array(Entry).max(100_000) })

/** Entries in their order; what the queue says beside them is named in `homeless`. */
export function readQueue(file: SourceFile | undefined, homeless: Homeless[]): readonly QueueEntry[] {
  if (file === undefined) return []
  const where = { file: file.path }
  const { queue, ...others } = parseShape(Queue, parseJson(file.text, where), where)
  const names = Object.keys(otherFields(others, new Set(['version'])))
  if (names.length > 0)
    homeless.push({
      path: file.path,
      what: `settings of the queue: ${names.join(', ')}`,
      why: 'Tasks stand in its order; the rest stays in this file.',
    })
  return queue
}

/** What is being done and what waits comes first, as it was queued; the rest keeps its order. */
export function inQueueOrder(
  tasks: readonly BundleTask[],
  queue: readonly QueueEntry[],
  refs: ReadonlyMap<string, string>,
): readonly BundleTask[] {
  const place = new Map<string, number>()
  for (const { taskId, status } of queue) {
    const ref = refs.get(taskId)
    if (ref !== undefined && !place.has(ref) && (status === 'running' || status === 'queued'))
      place.set(ref, place.size)
  }
  const rank = ({ ref }: BundleTask): number => place.get(ref) ?? place.size
  return tasks.toSorted((a, b) => rank(a) - rank(b))
}
