import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Bundle, BundlePrd, BundleTask, Homeless } from '../../../schemas/bundle.ts'
import type { Format, SourceFile } from '../format.ts'
import { byPath } from './reading/by-path.ts'
import { readDate } from './reading/date.ts'
import { AnyJson, otherFields, parseJson, parseShape } from './reading/json.ts'
import { collectLooseEnds } from './reading/loose-ends.ts'
import { refuse, refuseTooMany } from './reading/refusal.ts'
import { isOver, readState, stateByTasks } from './reading/state.ts'
import { cutAtWord, toTask } from './reading/task.ts'

const Id = z.string().trim().min(1, 'an id is empty').max(100)
const Text = z.string().nullish()

const RelatedFile = z
  .object({
    path: z.string(),
    type: z.string().nullish(),
    description: Text,
    lineStart: z.number().nullish(),
    lineEnd: z.number().nullish(),
  })
  .catchall(AnyJson)

const ShrimpTask = z
  .object({
    id: Id,
    name: z.string(),
    description: Text,
    notes: Text,
    status: z.string().default('pending'),
    dependencies: z
      .array(z.union([Id.transform((taskId) => ({ taskId })), z.object({ taskId: Id }).catchall(AnyJson)]))
      .nullish(),
    relatedFiles: z.array(RelatedFile).nullish(),
    implementationGuide: Text,
    verificationCriteria: Text,
    analysisResult: Text,
    summary: Text,
    createdAt: Text,
    updatedAt: Text,
    completedAt: Text,
  })
  .catchall(AnyJson)
type ShrimpTask = z.infer<typeof ShrimpTask>

const ShrimpFile = z.object({ tasks: z.array(ShrimpTask) }).catchall(AnyJson)

const KNOWN = new Set(Object.keys(ShrimpTask.shape))
const SNAPSHOT = /^(?:(.*)\/)?memory\/tasks_memory_[^/]*\.json$/
const DATA_FOLDER = /(?:^|\/)(?:data|\.?shrimp[^/]*)$/i

/** Shrimp Task Manager: one tasks.json in its data folder, snapshots of cleared plans in memory/. */
export const shrimp: Format = { name: 'shrimp', title: 'Shrimp Task Manager', claims, read }

function claims(paths: readonly string[]): readonly string[] {
  const snapshots = new Map<string, string[]>()
  for (const path of paths) {
    const match = SNAPSHOT.exec(path)
    if (match !== null) snapshots.set(match[1] ?? '', [...(snapshots.get(match[1] ?? '') ?? []), path])
  }
  const lists = paths.filter((path) => {
    const folder = folderOf(path)
    return /(?:^|\/)tasks\.json$/.test(path) && (snapshots.has(folder) || DATA_FOLDER.test(folder))
  })
  return [...lists, ...lists.flatMap((path) => snapshots.get(folderOf(path)) ?? [])]
}

function read(claimed: readonly SourceFile[]): Bundle {
  const files = claimed.toSorted(byPath)
  const lists = files.filter((file) => !SNAPSHOT.test(file.path))
  const homeless: Homeless[] = files
    .filter((file) => SNAPSHOT.test(file.path))
    .map(({ path }) => ({
      path,
      what: 'snapshot of a plan that was cleared',
      why: 'Tasks of the past; it stays in this file.',
    }))
  const found = lists.flatMap((file) => readList(file, homeless))
  refuseTooMany(lists[0]?.path ?? 'tasks.json', found.length)
  const byId = new Map<string, string>()
  for (const { source, file, at } of found) {
    const before = byId.get(source.id)
    if (before !== undefined)
      refuse({ file, at }, `the id ${source.id} is taken by ${before}.`, 'Give one of the tasks an id of its own.')
    byId.set(source.id, `${file}, ${at}`)
  }
  const loose = collectLooseEnds()
  const tasks = found.map(({ source, file, at }): BundleTask => {
    const dependsOn = (source.dependencies ?? []).flatMap(({ taskId }) => {
      if (taskId === source.id)
        refuse({ file, at }, `${taskId} depends on itself.`, 'Remove the dependency and import again.')
      if (byId.has(taskId)) return taskId
      loose.add({ file, at }, source.id, taskId, !isOver(source.status, 'Shrimp'))
      return []
    })
    return readTask(source, { file, at }, dependsOn)
  })
  loose.settle('Remove the dependencies in the file, or bring the tasks back, and import again.')
  homeless.push(...loose.homeless())
  return { format: 'shrimp', prds: analyses(found.map(({ source }) => source)), tasks, knowledge: [], homeless }
}

function readList(file: SourceFile, homeless: Homeless[]) {
  const list = parseShape(ShrimpFile, parseJson(file.text, { file: file.path }), { file: file.path })
  for (const field of Object.keys(list).filter((key) => key !== 'tasks'))
    homeless.push({ path: file.path, what: `field ${field}`, why: 'Belongs to no task; it stays in this file.' })
  return list.tasks.map((source, index) => ({ source, file: file.path, at: `tasks[${index}]` }))
}

function readTask(source: ShrimpTask, where: { file: string; at: string }, dependsOn: readonly string[]): BundleTask {
  const files = source.relatedFiles ?? []
  const changed = files.filter((file) => file.type === 'TO_MODIFY' || file.type === 'CREATE')
  const edges = (source.dependencies ?? []).filter((edge) => Object.keys(edge).length > 1)
  return toTask({
    where,
    tool: 'Shrimp',
    ref: source.id,
    alias: source.id,
    prd: analysisRef(source),
    title: { field: 'name', value: source.name },
    status: { field: 'status', value: source.status },
    passages: [
      { field: 'description', value: source.description },
      { field: 'implementationGuide', value: source.implementationGuide, heading: 'Implementation guide' },
    ],
    acceptanceCriteria: [{ field: 'verificationCriteria', value: source.verificationCriteria }],
    testCases: [],
    files: [{ field: 'relatedFiles', value: changed.map((file) => file.path) }],
    references: [{ field: 'relatedFiles', value: files.filter((file) => !changed.includes(file)).map(reference) }],
    notes: [
      { text: source.notes ?? '' },
      { text: source.summary ?? '', at: source.completedAt ? readDate(source.completedAt) : undefined },
    ],
    dependsOn,
    complexity: 'medium',
    priority: 50,
    created: { field: 'createdAt', value: source.createdAt },
    updated: { field: 'updatedAt', value: source.updatedAt },
    finished: { field: 'completedAt', value: source.completedAt },
    extra: {
      ...otherFields(source, KNOWN),
      // What a file is for and where to look in it has no field here.
      ...(files.length > 0 && { relatedFiles: files.map((file) => otherFields(file, new Set())) }),
      ...(edges.length > 0 && { dependencies: edges.map((edge) => otherFields(edge, new Set())) }),
    },
  })
}

function reference(file: z.infer<typeof RelatedFile>): string {
  const { lineStart, lineEnd } = file
  if (lineStart === null || lineStart === undefined) return file.path
  return `${file.path}:${lineStart}${lineEnd === null || lineEnd === undefined ? '' : `-${lineEnd}`}`
}

/** Tasks of one plan share its analysis word for word; it is the text they were cut from. */
function analyses(sources: readonly ShrimpTask[]): BundlePrd[] {
  const plans = new Map<string, { readonly text: string; readonly tasks: ShrimpTask[] }>()
  for (const source of sources) {
    const ref = analysisRef(source)
    if (ref === undefined) continue
    const plan = plans.get(ref) ?? { text: source.analysisResult ?? '', tasks: [] }
    plan.tasks.push(source)
    plans.set(ref, plan)
  }
  return [...plans].map(([ref, { text, tasks }]) => ({
    ref,
    title: cutAtWord(firstSentence(text), 120),
    kind: 'tech_spec',
    state: stateByTasks(tasks.map((task) => readState(task.status, 'Shrimp'))),
    body: text,
    repositories: [],
    owners: [],
    extra: {},
  }))
}

function analysisRef(source: ShrimpTask): string | undefined {
  const text = source.analysisResult ?? ''
  if (text.trim() === '') return undefined
  return `analysis:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}

function firstSentence(text: string): string {
  const line =
    text
      .split('\n')
      .map((part) => part.replace(/^#+\s*/, '').trim())
      .find((part) => part !== '') ?? 'Analysis'
  return /^.{10,}?[.!?。](?=\s|$)/u.exec(line)?.[0].replace(/[.。]$/, '') ?? line
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
