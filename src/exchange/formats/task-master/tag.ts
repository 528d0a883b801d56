import type { BundleTask } from '../../../../schemas/bundle.ts'
import type { Complexity } from '../../../../schemas/task.ts'
import { type Json, otherFields, parseShape } from '../reading/json.ts'
import type { LooseEnds } from '../reading/loose-ends.ts'
import { refuse, type Where } from '../reading/refusal.ts'
import { isOver, readPriority } from '../reading/state.ts'
import { toTask } from '../reading/task.ts'
import type { Reports } from './reports.ts'
import { MasterTask, type TagSource } from './tasks-file.ts'

const KNOWN = new Set(Object.keys(MasterTask.shape))

/** A tag read: its tasks with the parts of each before it. */
export interface Tag {
  readonly name: string
  readonly source: TagSource
  readonly tasks: readonly BundleTask[]
  /** What its tasks say of their states. */
  readonly states: readonly string[]
  readonly implied: ReadonlyMap<string, readonly string[]>
  /** What the complexity report says beside the tasks. */
  readonly report: Json | undefined
}

interface Entry {
  readonly task: MasterTask
  /** Full id, "3.2" for the second part of task 3. */
  readonly id: string
  readonly parent: string | undefined
  readonly parts: readonly string[]
  readonly where: Where
}

export function readTag(source: TagSource, reports: Reports, loose: LooseEnds): Tag {
  const entries = new Map<string, Entry>()
  for (const [index, task] of source.tasks.entries())
    collect(task, undefined, { file: source.file, at: `${source.place}[${index}]` }, entries)
  const report = reports.of(source.name)
  const ref = (id: string): string => `${source.name}:${id}`
  const implied = new Map<string, readonly string[]>()
  const waits = new Map([...entries].map(([id, entry]) => [id, dependencies(entry, entries, loose)]))
  const tasks = [...entries.values()].map((entry) => {
    const held = entry.parent === undefined ? [] : (waits.get(entry.parent) ?? [])
    // A task is over when its parts are, and its parts may begin when it may.
    const meant = [...entry.parts, ...held.filter((id) => !within(id, entry.parent))]
    if (meant.length > 0) implied.set(ref(entry.id), meant.map(ref))
    return readTask(entry, source.name, (waits.get(entry.id) ?? []).map(ref), report?.take(entry.id))
  })
  const states = [...entries.values()].map(({ task }) => task.status ?? 'pending')
  return { name: source.name, source, tasks, states, implied, report: report?.meta }
}

function collect(value: Json, parent: string | undefined, where: Where, entries: Map<string, Entry>): string {
  const task = parseShape(MasterTask, value, { file: where.file }, where.at)
  const id = parent === undefined || task.id.startsWith(`${parent}.`) ? task.id : `${parent}.${task.id}`
  const parts = (task.subtasks ?? []).map((part, index) =>
    collect(part, id, { file: where.file, at: `${where.at ?? ''}.subtasks[${index}]` }, entries),
  )
  const before = entries.get(id)
  if (before !== undefined)
    refuse(where, `the id ${id} is taken by ${before.where.at ?? id}.`, 'Give one of the tasks an id of its own.')
  entries.set(id, { task, id, parent, parts, where })
  return id
}

/** Full ids; a number in a part means the part beside it, where there is one. */
function dependencies(entry: Entry, entries: ReadonlyMap<string, Entry>, loose: LooseEnds): readonly string[] {
  return (entry.task.dependencies ?? []).flatMap((written) => {
    const sibling = `${entry.parent ?? ''}.${written}`
    const id = entry.parent !== undefined && entries.has(sibling) ? sibling : written
    if (id === entry.id)
      refuse(entry.where, `task ${id} depends on itself.`, 'Run task-master fix-dependencies and import again.')
    if (entries.has(id)) return id
    loose.add(entry.where, `task ${entry.id}`, written, !isOver(entry.task.status ?? 'pending', 'Task Master'))
    return []
  })
}

function within(id: string, parent: string | undefined): boolean {
  return parent !== undefined && (id === parent || id.startsWith(`${parent}.`))
}

function readTask(entry: Entry, tag: string, dependsOn: readonly string[], rated: Json | undefined): BundleTask {
  const { task, id, where } = entry
  const { priority, exact } = readPriority(task.priority)
  const files = task.relevantFiles ?? []
  const changed = files.filter((file) => file.action !== 'reference')
  return toTask({
    where,
    tool: 'Task Master',
    ref: `${tag}:${id}`,
    alias: id,
    prd: tag,
    title: { field: 'title', value: task.title },
    status: { field: 'status', value: task.status ?? 'pending' },
    assignee: task.assignee ?? undefined,
    passages: [
      { field: 'description', value: task.description },
      { field: 'details', value: task.details, heading: 'Details' },
    ],
    acceptanceCriteria: [{ field: 'acceptanceCriteria', value: task.acceptanceCriteria }],
    testCases: [{ field: 'testStrategy', value: task.testStrategy }],
    files: [{ field: 'relevantFiles', value: changed.map((file) => file.path) }],
    references: [
      { field: 'relevantFiles', value: files.filter((file) => !changed.includes(file)).map((file) => file.path) },
    ],
    notes: [],
    dependsOn,
    complexity: complexityOf(task.complexity ?? scoreOf(rated)),
    priority,
    created: { field: 'createdAt', value: task.createdAt },
    updated: { field: 'updatedAt', value: task.updatedAt },
    finished: { field: 'completedAt', value: task.completedAt },
    extra: {
      ...otherFields(task, KNOWN),
      ...(!exact && { priority: task.priority ?? null }),
      ...(task.complexity !== null && task.complexity !== undefined && { complexity: task.complexity }),
      ...(task.assignee && { assignee: task.assignee }),
      ...(files.length > 0 && { relevantFiles: files.map((file) => otherFields(file, new Set())) }),
      ...(rated !== undefined && { complexityReport: rated }),
    },
  })
}

function scoreOf(rated: Json | undefined): number | undefined {
  if (typeof rated !== 'object' || rated === null || Array.isArray(rated)) return undefined
  return typeof rated['complexityScore'] === 'number' ? rated['complexityScore'] : undefined
}

const WORDS: Readonly<Record<string, Complexity>> = {
  simple: 'low',
  low: 'low',
  moderate: 'medium',
  complex: 'high',
  high: 'high',
  'very-complex': 'high',
}

/** Task Master scores 1 to 10 and shows up to 3 green and from 7 on red. */
function complexityOf(written: number | string | undefined): Complexity {
  if (typeof written === 'string') return WORDS[written.trim().toLowerCase()] ?? 'medium'
  if (written === undefined) return 'medium'
  return written <= 3 ? 'low' : written < 7 ? 'medium' : 'high'
}
