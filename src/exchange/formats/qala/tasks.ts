import { z } from 'zod'
import type { BundleTask, Homeless } from '../../../../schemas/bundle.ts'
import { extractRequirements } from '../../../spec/requirement/extract.ts'
import { checkBody } from '../document/document-prd.ts'
import { readDate } from '../reading/date.ts'
import { AnyJson, type Json, otherFields, parseShape } from '../reading/json.ts'
import type { LooseEnds } from '../reading/loose-ends.ts'
import { refuse, refuseTooMany, type Where } from '../reading/refusal.ts'
import { toTask } from '../reading/task.ts'
import { readContext } from './context.ts'
import type { QueueEntry } from './queue.ts'
import type { Specs, TaskFile } from './specs.ts'

const Words = z.array(z.string()).nullish()
const Story = z.looseObject({
  id: z.string().trim().min(1).max(100),
  title: z.string(),
  description: z.string().nullish(),
  acceptanceCriteria: Words,
  testCases: Words,
  priority: z.number().nullish(),
  passes: z.boolean().nullish(),
  notes: z.string().nullish(),
  dependencies: Words,
  complexity: z.string().nullish(),
  context: AnyJson.nullish(),
  achievesUserStories: Words,
  executedAt: z.string().nullish(),
})
type Story = z.infer<typeof Story>
const TaskList = z.looseObject({ userStories: z.array(Story).nullish() })

const KNOWN = new Set(Object.keys(Story.shape).filter((name) => name !== 'context'))
const COMPLEXITIES = ['low', 'medium', 'high'] as const

interface Found {
  readonly story: Story
  readonly file: TaskFile
  readonly where: Where
  readonly ref: string
}

export interface Tasks {
  readonly tasks: readonly BundleTask[]
  /** Stories wait for the tasks that achieve them, by ref. */
  readonly implied: ReadonlyMap<string, readonly string[]>
  /** ref of each id. */
  readonly refs: ReadonlyMap<string, string>
}

/** The tasks of all specs; their ids are unique in the project. */
export function readTaskFiles(
  { taskFiles }: Specs,
  queue: readonly QueueEntry[],
  loose: LooseEnds,
  homeless: Homeless[],
): Tasks {
  const found = taskFiles.flatMap(storiesOf)
  const byId = new Map<string, Found>()
  for (const entry of found) {
    const before = byId.get(entry.story.id)
    if (before !== undefined)
      refuse(
        entry.where,
        `the id ${entry.story.id} is taken in ${before.where.file}, ${before.where.at ?? ''}.`,
        'Give one of the tasks an id of its own and import again.',
      )
    byId.set(entry.story.id, entry)
  }
  const entries = new Map(queue.map((entry) => [entry.taskId, entry]))
  const labels = new Map(taskFiles.map(({ ref, body }) => [ref, labelsOf(ref, body)]))
  const implied = new Map<string, string[]>()
  for (const { story, ref, where } of found)
    for (const id of story.achievesUserStories ?? []) {
      const goal = byId.get(id.trim())
      if (goal === undefined)
        homeless.push({
          path: where.file,
          what: `story ${id} that ${story.id} achieves`,
          why: 'Nothing has that id; the task keeps it.',
        })
      else push(implied, goal.ref, ref)
    }
  const tasks = found.map((entry) => {
    const dependsOn = (entry.story.dependencies ?? []).flatMap((written) => {
      const other = byId.get(written.trim())
      if (other === entry)
        refuse(entry.where, `${written} depends on itself.`, 'Remove the dependency and import again.')
      if (other === undefined) loose.add(entry.where, entry.story.id, written, entry.story.passes !== true)
      return other?.ref ?? []
    })
    const task = taskOf(entry, entries.get(entry.story.id), dependsOn)
    const label = entry.story.id.toUpperCase()
    return labels.get(entry.file.ref)?.has(label) === true ? { ...task, requirements: [label] } : task
  })
  return { tasks, implied, refs: new Map(found.map(({ story, ref }) => [story.id, ref])) }
}

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

function storiesOf(file: TaskFile): readonly Found[] {
  const where = { file: file.file.path }
  const stories = parseShape(TaskList, file.value, where).userStories ?? []
  refuseTooMany(where.file, stories.length)
  return stories.map((story, index) => ({
    story,
    file,
    where: { ...where, at: `userStories[${index}]` },
    ref: `${file.ref}/${story.id}`,
  }))
}

function labelsOf(ref: string, body: string): ReadonlySet<string> {
  checkBody(ref, body)
  return new Set(extractRequirements(body).requirements.flatMap(({ label }) => label?.toUpperCase() ?? []))
}

function taskOf(
  { story, file, where, ref }: Found,
  queued: QueueEntry | undefined,
  dependsOn: readonly string[],
): BundleTask {
  const done = story.passes === true
  const { context, rest } = readContext(story.context ?? null)
  const priority = story.priority ?? 50
  const rounded = Math.min(100, Math.max(1, Math.round(priority)))
  const complexity = COMPLEXITIES.find((word) => word === story.complexity?.toLowerCase())
  const extra: Record<string, Json> = {
    ...otherFields(story, new Set([...KNOWN, 'context'])),
    ...(rounded !== priority && { priority }),
    ...(complexity === undefined && typeof story.complexity === 'string' && { complexity: story.complexity }),
    ...(story.achievesUserStories?.length ? { achievesUserStories: story.achievesUserStories } : {}),
    ...(rest !== null && { context: rest }),
    ...(queued !== undefined && { queue: otherFields(queued, new Set(['taskId'])) }),
  }
  const running = queued?.status === 'running' && !done
  const task = toTask({
    where,
    tool: 'SPEKI (qala)',
    ref,
    alias: story.id,
    prd: file.ref,
    title: { field: 'title', value: story.title },
    status: { field: 'status', value: done ? 'done' : queued?.status === 'failed' ? 'failed' : 'todo' },
    passages: [{ field: 'description', value: story.description }],
    acceptanceCriteria: [{ field: 'acceptanceCriteria', value: story.acceptanceCriteria }],
    testCases: [{ field: 'testCases', value: story.testCases }],
    notes: story.notes === null || story.notes === undefined ? [] : [{ text: story.notes }],
    dependsOn,
    complexity: complexity ?? 'medium',
    priority: rounded,
    created: { field: 'created', value: undefined },
    updated: { field: 'updated', value: undefined },
    finished: { field: 'executedAt', value: story.executedAt ?? (done ? queued?.completedAt : undefined) },
    extra,
  })
  const started = readDate(queued?.startedAt ?? '')
  const note = { text: 'Was being worked on in the queue of qala.', ...(started !== undefined && { at: started }) }
  return { ...task, context, notes: running ? [note, ...task.notes] : task.notes }
}
