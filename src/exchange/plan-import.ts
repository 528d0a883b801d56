import type { Bundle, BundleKnowledge, BundlePrd, BundleTask } from '../../schemas/bundle.ts'
import { taskKey } from '../../schemas/key.ts'
import type { TaskStatus } from '../../schemas/task.ts'
import { normalizeText } from '../documents/text.ts'
import { type FieldRule, type FieldRules, type Merge, mergeFields, value } from '../domain/link/merge.ts'
import { redact } from '../redaction/redact.ts'
import { REDACTED } from '../redaction/token-rules.ts'
import type { PrdRecord } from '../store/prd/prds.ts'
import type { TaskRecord } from '../store/task/tasks.ts'
import { mapTexts } from '../visible.ts'
import type { Conflict } from './conflict.ts'
import type { Known, LocalState } from './local-state.ts'
import { PRD_RULES, prdConflict, TASK_RULES, taskConflict } from './merge-rules.ts'

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
  /** What the merge of each thing that is here came to, by ref. */
  readonly prdMerges: ReadonlyMap<string, Merge<BundlePrd>>
  readonly taskMerges: ReadonlyMap<string, Merge<BundleTask>>
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
  readonly fields: Partial<Pick<BundleTask, keyof typeof TASK_RULES>>
}

/** Field by field: what changed where it comes from is taken, what changed here stays, what changed on both is a conflict. `byPerson`: only people finish tasks without evidence, or approve. */
export function planImport(bundle: Bundle, local: LocalState, byPerson: boolean): ImportPlan {
  const conflicts: Conflict[] = []
  const left: string[] = local.gone.slice(0, 20).map((ref) => `${ref} is no longer where it came from; here it stays`)
  const newPrds: BundlePrd[] = []
  const changedPrds: PrdUpdate[] = []
  const prdMerges = new Map<string, Merge<BundlePrd>>()
  const taskMerges = new Map<string, Merge<BundleTask>>()
  let unchanged = 0
  for (const given of bundle.prds) {
    const known = local.prds.get(given.ref)
    const prd = known === undefined ? given : withKnownSecrets(given, known.now)
    if (known === undefined) {
      const approved = prd.state === 'approved' && !byPerson
      if (approved) left.push(`${prd.ref} is approved where it comes from; here a person approves it`)
      newPrds.push(approved ? { ...prd, state: 'in_review' } : prd)
      continue
    }
    const merge = mergeFields(known.now, prd, known.base, PRD_RULES)
    prdMerges.set(prd.ref, merge)
    conflicts.push(...merge.conflicts.map((conflict) => prdConflict(known.record.id, conflict)))
    const update = updatePrd(prd, known, merge)
    const stateThere = known.base?.theirs['state']
    if (stateThere !== undefined && prd.state !== stateThere && prd.state !== known.now.state)
      left.push(
        `${prd.ref} is ${prd.state} where it comes from; its state here is moved by its work, or by an update of its state`,
      )
    if (update === undefined) unchanged += 1
    else changedPrds.push(update)
  }

  const newTasks: BundleTask[] = []
  const changedTasks: TaskUpdate[] = []
  for (const given of bundle.tasks) {
    const known = local.tasks.get(given.ref)
    const task = known === undefined ? given : withKnownSecrets(given, known.now)
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
    const { now, base, record } = known
    const merge = mergeFields(now, task, base, {
      ...TASK_RULES,
      ...(record.fence > 0 && !byPerson && measureRules(record, left)),
      status: statusRule(record, byPerson, left),
    })
    taskMerges.set(task.ref, merge)
    conflicts.push(...merge.conflicts.map((conflict) => taskConflict(record, conflict, task)))
    if (Object.keys(merge.take).length === 0) unchanged += 1
    else changedTasks.push({ task, record, fields: merge.take })
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
    prdMerges,
    taskMerges,
  }
}

/** What an export blacked out is what stands here. */
function withKnownSecrets<T extends BundlePrd | BundleTask>(given: T, now: Readonly<Record<string, unknown>>): T {
  const same = Object.entries(given).flatMap(([name, value]) => {
    const exported = JSON.stringify(value)
    return exported?.includes(REDACTED) && exported === JSON.stringify(mapTexts(now[name], redact))
      ? [[name, now[name]]]
      : []
  })
  return { ...given, ...Object.fromEntries(same) }
}

/** A task without one belongs to its PRD's, where that has one alone. */
function soleRepository({ prds }: Bundle, ref: string | undefined): string | undefined {
  const names = prds.find((prd) => prd.ref === ref)?.repositories ?? []
  return names.length === 1 ? names[0] : undefined
}

function updatePrd(
  prd: BundlePrd,
  { record }: Known<PrdRecord, BundlePrd>,
  { take }: Merge<BundlePrd>,
): PrdUpdate | undefined {
  const { body, title, owners, parent } = take
  const fields = {
    ...(title !== undefined && { title }),
    ...(owners !== undefined && { owners }),
    ...('parent' in take && { parent }),
  }
  if (body === undefined && Object.keys(fields).length === 0) return undefined
  return { prd, record, fields, ...(body !== undefined && { body: normalizeText(body) }) }
}

/** What a task is measured by, once somebody has claimed it, changes by a person or a new plan. */
function measureRules(record: TaskRecord, left: string[]): FieldRules<BundleTask> {
  const decide = () => {
    const why = `${taskKey(record.id)} was claimed; what it is measured by stays, unless a person imports it`
    if (!left.includes(why)) left.push(why)
    return 'leave' as const
  }
  return {
    acceptance_criteria: { ...TASK_RULES.acceptance_criteria, decide },
    test_cases: { ...TASK_RULES.test_cases, decide },
    requirements: { ...TASK_RULES.requirements, decide },
    context: { ...TASK_RULES.context, decide },
  }
}

/** Nobody finishes or claims a task from outside while the rules here say otherwise. */
function statusRule(record: TaskRecord, byPerson: boolean, left: string[]): FieldRule<TaskStatus> {
  const name = taskKey(record.id)
  return {
    ...value,
    decide({ theirs, changedHere }) {
      if (changedHere) return undefined
      if (record.status === 'in_progress') return 'conflict'
      if (theirs === 'in_progress')
        left.push(`${name} is in progress where it comes from; here somebody claims it first`)
      else if (theirs === 'done' && !byPerson)
        left.push(`${name} is done where it comes from; finish it here with evidence, or let a person import it`)
      else return 'take'
      return 'leave'
    },
  }
}
