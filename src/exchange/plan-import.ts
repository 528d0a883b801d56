import { isDeepStrictEqual } from 'node:util'
import type { Bundle, BundleKnowledge, BundlePrd, BundleTask } from '../../schemas/bundle.ts'
import { taskKey } from '../../schemas/key.ts'
import { merge3 } from '../documents/merge.ts'
import { normalizeText } from '../documents/text.ts'
import type { PrdRecord } from '../store/prd/prds.ts'
import type { TaskRecord } from '../store/task/tasks.ts'
import type { Conflict } from './conflict.ts'
import type { Known, KnownPrd, LocalState } from './local-state.ts'

/** What an import will do; computed without writing, and again in the transaction that does it. */
export interface ImportPlan {
  readonly newPrds: readonly BundlePrd[]
  readonly newTasks: readonly BundleTask[]
  readonly newKnowledge: readonly BundleKnowledge[]
  readonly changedPrds: readonly PrdUpdate[]
  readonly changedTasks: readonly TaskUpdate[]
  readonly unchanged: number
  /** What both sides changed; what is here stays. */
  readonly conflicts: readonly Conflict[]
  /** What was read and will not be done, with the reason. */
  readonly left: readonly string[]
}

export interface PrdUpdate {
  readonly prd: BundlePrd
  readonly record: PrdRecord
  /** The text that holds afterwards; absent where it stays. */
  readonly body?: string
  readonly fields: Partial<Pick<BundlePrd, 'title' | 'owners' | 'parent'>>
}

export interface TaskUpdate {
  readonly task: BundleTask
  readonly record: TaskRecord
  readonly fields: Partial<Pick<BundleTask, TaskField>>
}

type TaskField = (typeof TASK_FIELDS)[number]

const PRD_FIELDS = ['title', 'owners', 'parent'] as const
const TASK_FIELDS = [
  'title',
  'description',
  'status',
  'block_reason',
  'acceptance_criteria',
  'test_cases',
  'requirements',
  'depends_on',
  'complexity',
  'priority',
  'context',
] as const

/** Field by field: what changed where it comes from is taken, what changed here stays, what changed on both is a conflict. `byPerson`: only people finish tasks without evidence, or approve. */
export function planImport(bundle: Bundle, local: LocalState, byPerson: boolean): ImportPlan {
  const conflicts: Conflict[] = []
  const left: string[] = local.gone.slice(0, 20).map((ref) => `${ref} is no longer where it came from; here it stays`)
  const newPrds: BundlePrd[] = []
  const changedPrds: PrdUpdate[] = []
  let unchanged = 0
  for (const prd of bundle.prds) {
    const known = local.prds.get(prd.ref)
    if (known === undefined) {
      const approved = prd.state === 'approved' && !byPerson
      if (approved) left.push(`${prd.ref} is approved where it comes from; here a person approves it`)
      newPrds.push(approved ? { ...prd, state: 'in_review' } : prd)
      continue
    }
    const update = updatePrd(prd, known, conflicts)
    if (known.was !== undefined && prd.state !== known.was.source.state && prd.state !== known.now.state)
      left.push(
        `${prd.ref} is ${prd.state} where it comes from; its state here is moved by its work, or by an update of its state`,
      )
    if (update === undefined) unchanged += 1
    else changedPrds.push(update)
  }

  const newTasks: BundleTask[] = []
  const changedTasks: TaskUpdate[] = []
  for (const task of bundle.tasks) {
    const known = local.tasks.get(task.ref)
    if (known === undefined) {
      // Into a PRD that is here already nobody brings finished work without a word of a person.
      const unproven = task.status === 'done' && !byPerson && task.prd !== undefined && local.prds.has(task.prd)
      if (unproven) left.push(`${task.ref} is done where it comes from; into a PRD that is here it comes as to do`)
      const repository = task.repository ?? soleRepository(bundle, task.prd)
      newTasks.push({
        ...task,
        ...(repository !== undefined && { repository }),
        ...(unproven && { status: 'todo' as const }),
      })
      continue
    }
    const update = updateTask(task, known, byPerson, conflicts, left)
    if (update === undefined) unchanged += 1
    else changedTasks.push(update)
  }
  const newKnowledge = bundle.knowledge.filter(({ ref }) => !local.knowledge.has(ref))
  return {
    newPrds,
    newTasks,
    newKnowledge,
    changedPrds,
    changedTasks,
    unchanged: unchanged + bundle.knowledge.length - newKnowledge.length,
    conflicts,
    left,
  }
}

/** A task without one belongs to its PRD's, where that has one alone. */
function soleRepository({ prds }: Bundle, ref: string | undefined): string | undefined {
  const names = prds.find((prd) => prd.ref === ref)?.repositories ?? []
  return names.length === 1 ? names[0] : undefined
}

type Subject = Pick<Conflict, 'noun' | 'id'>

function updatePrd(prd: BundlePrd, known: KnownPrd, conflicts: Conflict[]): PrdUpdate | undefined {
  const subject = { noun: 'prd', id: known.record.id } as const
  const fields = mergeFields(prd, known, PRD_FIELDS, subject, conflicts)
  const body = mergeBody(prd, known, subject, conflicts)
  if (body === undefined && Object.keys(fields).length === 0) return undefined
  return { prd, record: known.record, fields, ...(body !== undefined && { body }) }
}

function mergeBody(
  prd: BundlePrd,
  { now, baseBody }: KnownPrd,
  subject: Subject,
  conflicts: Conflict[],
): string | undefined {
  const mine = normalizeText(prd.body)
  const theirs = normalizeText(now.body)
  if (mine === theirs) return undefined
  if (baseBody === undefined) {
    conflicts.push({ ...subject, kind: 'unknown_base' })
    return undefined
  }
  const outcome = merge3(baseBody, mine, theirs)
  if (outcome.kind === 'conflict') {
    const places = outcome.conflicts.slice(0, 3).map(({ section, lines }) => section ?? `line ${lines.start}`)
    conflicts.push({ ...subject, kind: 'text', places })
    return undefined
  }
  const merged = normalizeText(outcome.text)
  return merged === theirs ? undefined : merged
}

function updateTask(
  task: BundleTask,
  known: Known<TaskRecord, BundleTask>,
  byPerson: boolean,
  conflicts: Conflict[],
  left: string[],
): TaskUpdate | undefined {
  const { record } = known
  const name = taskKey(record.id)
  const { status, ...fields } = mergeFields(task, known, TASK_FIELDS, { noun: 'task', id: record.id }, conflicts)
  const taken: TaskUpdate['fields'] = { ...fields }
  if (status !== undefined) {
    if (record.status === 'in_progress') conflicts.push({ noun: 'task', id: record.id, kind: 'claimed', status })
    else if (status === 'in_progress')
      left.push(`${name} is in progress where it comes from; here somebody claims it first`)
    else if (status === 'done' && !byPerson)
      left.push(`${name} is done where it comes from; finish it here with evidence, or let a person import it`)
    else taken.status = status
  }
  return Object.keys(taken).length === 0 ? undefined : { task, record, fields: taken }
}

function mergeFields<R, T, K extends keyof T>(
  source: T,
  { now, was }: Known<R, T>,
  keys: readonly K[],
  subject: Subject,
  conflicts: Conflict[],
): Partial<Pick<T, K>> {
  const taken: Partial<Pick<T, K>> = {}
  for (const key of keys) {
    const mine = source[key]
    if (isDeepStrictEqual(mine, now[key])) continue
    if (was !== undefined && isDeepStrictEqual(mine, was.source[key])) continue
    if (was !== undefined && isDeepStrictEqual(now[key], was.local[key])) taken[key] = mine
    else conflicts.push({ ...subject, kind: 'field', field: String(key) })
  }
  return taken
}
