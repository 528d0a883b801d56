import type { Bundle, BundleKnowledge, BundlePrd, Homeless } from '../../../schemas/bundle.ts'
import type { Format, SourceFile } from '../format.ts'
import { type Milestone, readDecision, readMilestone, readSpecification } from './backlog-md/documents.ts'
import { readSettings } from './backlog-md/front-matter.ts'
import { idFinder, plainId } from './backlog-md/ids.ts'
import { groupByMilestone } from './backlog-md/milestones.ts'
import { type BacklogTask, convertTask, readBacklogTask, type Shelf, statusOf } from './backlog-md/task.ts'
import { byPath } from './reading/by-path.ts'
import type { Json } from './reading/json.ts'
import { collectLooseEnds, type LooseEnds } from './reading/loose-ends.ts'
import { withImplied } from './reading/order.ts'
import { refuse, refuseTooMany } from './reading/refusal.ts'
import { isOver } from './reading/state.ts'

const ROOTS = ['backlog/', '.backlog/']
const README = /(?:^|\/)readme\.md$/i
const ROOT_CONFIG = 'backlog.config.yml'
const CONFIG = /(?:^|\/)(?:config\.ya?ml|backlog\.config\.yml)$/
/** `task-12 - Title.md`, `back-3.01 - Title.md`. */
const TASK_FILE =
  /^(?:tasks|completed|drafts|archive\/tasks|archive\/drafts)\/(?:.*\/)?[a-z][a-z0-9]*-\d+(?:\.\d+)*(?: - .*)?\.md$/i

/** Backlog.md: a Markdown file a task, with milestones, documents and decisions beside them. */
export const backlogMd: Format = { name: 'backlog_md', title: 'Backlog.md', claims, read }

function claims(paths: readonly string[]): readonly string[] {
  const root = ROOTS.find((folder) =>
    paths.some((path) => path.startsWith(folder) && (CONFIG.test(path) || TASK_FILE.test(path.slice(folder.length)))),
  )
  if (root === undefined) return []
  return paths.filter((path) => path === ROOT_CONFIG || (path.startsWith(root) && /\.(?:md|ya?ml)$/i.test(path)))
}

interface Sorted {
  readonly tasks: BacklogTask[]
  readonly milestones: Milestone[]
  readonly specifications: BundlePrd[]
  readonly knowledge: BundleKnowledge[]
  readonly homeless: Homeless[]
  config: Readonly<Record<string, Json>>
}

function read(claimed: readonly SourceFile[]): Bundle {
  const files = claimed.toSorted(byPath)
  const sorted: Sorted = { tasks: [], milestones: [], specifications: [], knowledge: [], homeless: [], config: {} }
  for (const file of files) sort(file, sorted)
  const { homeless, config, specifications, knowledge } = sorted
  const tasks = living(sorted.tasks, homeless)
  const folder = files[0]?.path.split('/')[0] ?? 'backlog'
  refuseTooMany(folder, tasks.length)
  const find = idFinder(
    tasks.map((task) => task.fields.id),
    prefixOf(config, tasks),
  )
  const parents = parentsOf(tasks, find)
  const { prds, prdOf } = groupByMilestone(tasks, parents, sorted.milestones, projectOf(config))
  const loose = collectLooseEnds()
  const converted = inOrder(tasks).map((task) => {
    const ref = plainId(task.fields.id)
    return convertTask(task, { ref, prd: prdOf.get(ref), dependsOn: dependencies(task, find, loose) })
  })
  loose.settle('Remove the dependencies, or bring the tasks back, and import again.')
  homeless.push(...loose.homeless())
  const implied = new Map<string, string[]>()
  for (const [part, whole] of parents) {
    const parts = implied.get(whole)
    if (parts === undefined) implied.set(whole, [part])
    else parts.push(part)
  }
  return {
    format: 'backlog_md',
    prds: [...prds, ...specifications],
    tasks: withImplied(folder, converted, implied),
    knowledge,
    homeless,
  }
}

function sort(file: SourceFile, sorted: Sorted): void {
  const path = file.path.replace(/^\.?backlog\//, '')
  if (CONFIG.test(file.path)) {
    sorted.config = readSettings(file)
    const what = `settings of Backlog.md: ${Object.keys(sorted.config).join(', ')}`
    sorted.homeless.push({ path: file.path, what, why: 'SPEKI has its own; they stay in this file.' })
  } else if (TASK_FILE.test(path)) {
    const task = readBacklogTask(file, shelfOf(path))
    if (task !== undefined) sorted.tasks.push(task)
    else
      sorted.homeless.push({
        path: file.path,
        what: 'file in the form of no task',
        why: 'Backlog.md shows nothing without front matter; it stays in this file.',
      })
  } else if (/^(?:archive\/)?milestones\//.test(path) && !README.test(path)) sorted.milestones.push(readMilestone(file))
  else if (/^decisions\//.test(path) && !README.test(path)) sorted.knowledge.push(...readDecision(file))
  else {
    const specification = /^docs\//.test(path) ? readSpecification(file) : undefined
    if (specification === undefined)
      sorted.homeless.push({ path: file.path, what: 'document', why: 'Is no specification; it stays in this file.' })
    else sorted.specifications.push(specification)
  }
}

function shelfOf(path: string): Shelf {
  if (path.startsWith('archive/')) return 'archive'
  return path.startsWith('drafts/') ? 'drafts' : path.startsWith('completed/') ? 'completed' : 'tasks'
}

/** Backlog.md gives the id of an archived task out again; the task that has it now counts. */
function living(tasks: readonly BacklogTask[], homeless: Homeless[]): readonly BacklogTask[] {
  const byPlainId = new Map<string, BacklogTask>()
  const archived = (task: BacklogTask): number => (task.shelf === 'archive' ? 1 : 0)
  for (const task of [...tasks].sort((a, b) => archived(a) - archived(b))) {
    const id = plainId(task.fields.id)
    const before = byPlainId.get(id)
    if (before === undefined) byPlainId.set(id, task)
    else if (task.shelf === 'archive')
      homeless.push({
        path: task.path,
        what: `archived task ${task.fields.id}`,
        why: `Another task has its id now (${before.path}); it stays in this file.`,
      })
    else
      refuse(
        { file: task.path, at: 'front matter' },
        `the id ${task.fields.id} is taken by ${before.path}.`,
        'Give one of the tasks an id of its own and import again.',
      )
  }
  return [...byPlainId.values()]
}

function parentsOf(
  tasks: readonly BacklogTask[],
  find: (written: string) => string | undefined,
): ReadonlyMap<string, string> {
  const parents = new Map<string, string>()
  for (const { fields } of tasks) {
    const parent = fields.parent_task_id ? find(fields.parent_task_id) : undefined
    if (parent !== undefined && parent !== fields.id) parents.set(plainId(fields.id), plainId(parent))
  }
  return parents
}

function dependencies(
  task: BacklogTask,
  find: (written: string) => string | undefined,
  loose: LooseEnds,
): readonly string[] {
  const where = { file: task.path, at: 'dependencies' }
  return task.fields.dependencies.flatMap((written) => {
    const id = find(written)
    if (id === task.fields.id) refuse(where, `${written} depends on itself.`, 'Remove the dependency and import again.')
    if (id !== undefined) return plainId(id)
    loose.add(where, task.fields.id, written, task.shelf !== 'drafts' && !isOver(statusOf(task), 'Backlog.md'))
    return []
  })
}

/** As people ordered them on the board, else by number. */
function inOrder(tasks: readonly BacklogTask[]): readonly BacklogTask[] {
  const place = ({ fields }: BacklogTask): number => fields.ordinal ?? Number.POSITIVE_INFINITY
  const byNumber = new Intl.Collator('en', { numeric: true })
  return [...tasks].sort((a, b) => {
    if (place(a) !== place(b)) return place(a) < place(b) ? -1 : 1
    return byNumber.compare(a.fields.id, b.fields.id)
  })
}

function prefixOf(config: Readonly<Record<string, Json>>, tasks: readonly BacklogTask[]): string {
  const prefix = config['task_prefix']
  if (typeof prefix === 'string' && prefix !== '') return prefix
  const first = tasks.find((task) => task.shelf !== 'drafts')
  return first?.fields.id.split('-')[0] ?? 'task'
}

function projectOf(config: Readonly<Record<string, Json>>): string {
  const name = config['project_name']
  return typeof name === 'string' && name.trim() !== '' ? name.trim() : 'Backlog'
}
