import { prdKey, taskKey } from '../../../schemas/key.ts'
import type { PlannedTask } from '../../../schemas/plan.ts'
import type { PrdKind } from '../../../schemas/prd.ts'
import type { OpenQuestion } from '../../../schemas/requirement.ts'
import type { Contract } from '../../spec/contracts.ts'
import type { RequirementRecord } from '../../store/prd/requirements.ts'
import { type ExistingTask, isOpen, type PlanState, staysByItself } from './context.ts'
import { titleKey } from './duplicates.ts'
import { mergeAlike } from './merge-alike.ts'
import { type Candidate, chooseProducers } from './producers.ts'
import { orderByInterfaces } from './shared-interfaces.ts'
import {
  type Group,
  introducesStub,
  type TaskText,
  writeRegressionTest,
  writeStubRemoval,
  writeTasks,
} from './task-text.ts'

export interface Composition {
  readonly prd: { readonly id: number; readonly kind: PrdKind; readonly revision: number }
  readonly state: PlanState
  /** Repositories of each requirement. */
  readonly places: ReadonlyMap<number, ReadonlySet<string>>
  /** Repositories of the PRD, what is used before its users. */
  readonly order: readonly string[]
  readonly uses: ReadonlyMap<string, readonly string[]>
  readonly names: ReadonlyMap<number, string>
  /** Examples in the text that bind what is built. */
  readonly contracts: readonly Contract[]
  /** What the text leaves open about a requirement. */
  readonly questions: ReadonlyMap<number, readonly OpenQuestion[]>
  /** Number of the first new ref; the workspace has those before. */
  readonly firstNumber: number
}

/** How tasks of a kind are called until they have keys: stories, tasks of a tech spec, steps of a fix. */
export const REF_PREFIX: Readonly<Record<PrdKind, string>> = { prd: 'US', tech_spec: 'TS', bug: 'BUG' }

/** More requirements than this do not go into one small task. */
const MAX_SIBLINGS = 3
const TINY = 100
const MAX_EDGES = 100

/**
 * The tasks of a draft. Open tasks of the plan before stay as long as one of their requirements stands; one whose
 * requirement changed is written anew under its key; new tasks are for what no task realises yet.
 */
export function composeTasks(input: Composition): { readonly tasks: PlannedTask[]; readonly questions: string[] } {
  const draft = begin(input)
  for (const repository of input.order) {
    const pieces = input.state.requirements.filter((requirement) => input.places.get(requirement.id)?.has(repository))
    const fresh = pieces.filter((requirement) => !goOn(draft, repository, requirement))
    for (const requirements of mergeAlike(groupTiny(fresh))) addNew(draft, repository, requirements)
  }
  const tasks = draft.built.map(({ task }) => withLiveEdges(task, draft))
  const ordering = orderByInterfaces(tasks, (ref) => !ref.startsWith('TASK-'))
  return {
    tasks: tasks.map((task) => ({
      ...task,
      depends_on: [...task.depends_on, ...(ordering.edges.get(task.ref) ?? [])].slice(0, MAX_EDGES),
    })),
    questions: [...draft.questions, ...ordering.questions],
  }
}

interface Built extends Candidate {
  readonly task: PlannedTask
}

interface Draft {
  readonly input: Composition
  readonly byId: ReadonlyMap<number, ExistingTask>
  /** Planned tasks of the PRD that are not cancelled. */
  readonly live: readonly ExistingTask[]
  readonly built: Built[]
  readonly taken: Set<number>
  readonly titles: Set<string>
  /** The regression test that was drafted for a repository. */
  readonly regression: Map<string, string>
  readonly questions: string[]
  readonly nextRef: () => string
}

function begin(input: Composition): Draft {
  const { context } = input.state
  const own = context.tasks.filter((task) => task.prdId === context.prdId)
  const aliases = new Set(own.map((task) => task.alias))
  let number = input.firstNumber - 1
  const prefix = REF_PREFIX[input.prd.kind]
  const refOf = (value: number) => `${prefix}-${String(value).padStart(3, '0')}`
  const draft: Draft = {
    input,
    byId: new Map(context.tasks.map((task) => [task.id, task])),
    live: own.filter((task) => task.planned && task.status !== 'cancelled'),
    built: [],
    taken: new Set(),
    titles: new Set(
      own.filter((task) => staysByItself(task) && !task.stale).map((task) => titlePlace(task.repository, task.title)),
    ),
    regression: new Map(),
    questions: [],
    // A ref that a task had before would be read as that task.
    nextRef: () => {
      do number += 1
      while (aliases.has(refOf(number)))
      return refOf(number)
    },
  }
  for (const task of draft.live)
    if (isOpen(task) && task.requirements.length === 0 && input.order.includes(task.repository)) keep(draft, task)
  return draft
}

/** Whether tasks there are realise the requirement in this repository; open ones join the draft. */
function goOn(draft: Draft, repository: string, requirement: RequirementRecord): boolean {
  const here = draft.live.filter((task) => task.repository === repository && task.requirements.includes(requirement.id))
  const open = here.filter(isOpen)
  for (const task of open) {
    if (draft.taken.has(task.id)) continue
    if (task.stale && open.length === 1) rewrite(draft, task)
    else keep(draft, task)
  }
  if (open.length > 1 && open.some((task) => task.stale)) {
    const keys = open.map((task) => taskKey(task.id)).join(' and ')
    draft.questions.push(
      `${draft.input.names.get(requirement.id)} changed, and ${keys} realise it together: do their criteria still hold?`,
    )
  }
  return open.length > 0 || here.some((task) => !task.stale)
}

/** Takes an open task over as it stands, under its key. */
function keep(draft: Draft, task: ExistingTask): void {
  const { state, names } = draft.input
  const record = state.tasks.get(task.id)
  if (record === undefined) return
  add(draft, task.requirements, task.repository, {
    ref: taskKey(task.id),
    title: record.title,
    repository: task.repository,
    description: record.description,
    acceptance_criteria: [...record.acceptanceCriteria],
    test_cases: [...record.testCases],
    requirements: task.requirements.flatMap((id) => names.get(id) ?? []),
    depends_on: edgesOf(draft, task.id),
    complexity: record.complexity,
    priority: record.priority,
    context: record.context,
  })
  draft.taken.add(task.id)
}

/** Writes an open task anew from its requirements. Its edges stay: new ones could close a cycle. */
function rewrite(draft: Draft, task: ExistingTask): void {
  const record = draft.input.state.tasks.get(task.id)
  const requirements = draft.input.state.requirements.filter((requirement) =>
    task.requirements.includes(requirement.id),
  )
  const [text, ...more] = writeTasks(groupOf(draft, requirements))
  if (record === undefined || text === undefined) return
  draft.taken.add(task.id)
  const key = taskKey(task.id)
  const first = {
    ...fresh(draft, key, task.repository, text, edgesOf(draft, task.id)),
    priority: record.priority,
    context: { ...record.context, ...text.context },
  }
  add(draft, task.requirements, task.repository, first)
  addParts(draft, task.repository, requirements, more, key)
}

function addNew(draft: Draft, repository: string, requirements: readonly RequirementRecord[]): void {
  const group = groupOf(draft, requirements)
  const ids = requirements.map((requirement) => requirement.id)
  const waitsFor = [...claimedBefore(draft, repository, ids), ...producersOf(draft, repository, requirements)]
  const begun = draft.live.some((task) => task.repository === repository)
  if (draft.input.prd.kind === 'bug' && !begun && !draft.regression.has(repository)) {
    const test = fresh(draft, draft.nextRef(), repository, writeRegressionTest(group), [])
    draft.regression.set(repository, test.ref)
    add(draft, ids, repository, test)
  }
  const test = draft.regression.get(repository)
  if (test !== undefined) waitsFor.push(test)
  const [first, ...more] = writeTasks(group).map((text) =>
    isChange(draft, repository, ids) ? asChange(draft, text) : text,
  )
  if (first === undefined) return
  const task = fresh(draft, draft.nextRef(), repository, first, waitsFor)
  add(draft, ids, repository, task)
  const last = addParts(draft, repository, requirements, more, task.ref)
  if (introducesStub(group)) {
    const removal = fresh(draft, draft.nextRef(), repository, writeStubRemoval(group), [last])
    add(draft, ids, repository, removal)
  }
}

/** Whether there is a task for it already, cut from the text as it was. */
function isChange(draft: Draft, repository: string, requirements: readonly number[]): boolean {
  return draft.live.some(
    (task) => task.repository === repository && task.requirements.some((id) => requirements.includes(id)),
  )
}

function asChange(draft: Draft, text: TaskText): TaskText {
  return { ...text, title: `${text.title} (revision ${draft.input.prd.revision})` }
}

/** Parts follow each other; gives the ref of the last. */
function addParts(
  draft: Draft,
  repository: string,
  requirements: readonly RequirementRecord[],
  parts: readonly TaskText[],
  after: string,
): string {
  let before = after
  for (const part of parts) {
    const task = fresh(draft, draft.nextRef(), repository, part, [before])
    add(
      draft,
      requirements.map((requirement) => requirement.id),
      repository,
      task,
    )
    before = task.ref
  }
  return before
}

function fresh(
  draft: Draft,
  ref: string,
  repository: string,
  text: TaskText,
  waitsFor: readonly string[],
): PlannedTask {
  return {
    ...text,
    ref,
    title: freeTitle(draft, repository, text),
    repository,
    depends_on: [...new Set(waitsFor)].slice(0, MAX_EDGES),
    priority: 50,
  }
}

function add(draft: Draft, requirements: readonly number[], repository: string, task: PlannedTask): void {
  draft.titles.add(titlePlace(repository, task.title))
  draft.built.push({ ref: task.ref, repository, requirements, text: `${task.title} ${task.description}`, task })
}

/** Two requirements may begin alike; their tasks must be told apart. */
function freeTitle(draft: Draft, repository: string, text: TaskText): string {
  const base = text.title
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? text.requirements.join(', ').slice(0, 60) : `${text.requirements[0]}, ${count}`
    const title = count === 1 && isFree(draft, repository, base) ? base : `${base} (${name})`
    if (isFree(draft, repository, title)) return title
  }
}

function isFree(draft: Draft, repository: string, title: string): boolean {
  return !draft.titles.has(titlePlace(repository, title))
}

function titlePlace(repository: string, title: string): string {
  return `${repository}\n${titleKey(title)}`
}

/** Somebody works on these requirements as they were: what is new comes after. */
function claimedBefore(draft: Draft, repository: string, requirements: readonly number[]): string[] {
  return draft.live
    .filter((task) => task.repository === repository && isClaimed(task))
    .filter((task) => task.requirements.some((id) => requirements.includes(id)))
    .map((task) => taskKey(task.id))
}

function producersOf(draft: Draft, repository: string, requirements: readonly RequirementRecord[]): string[] {
  const before = draft.input.order.slice(0, draft.input.order.indexOf(repository))
  const claimed = draft.live.filter(isClaimed).map((task) => ({
    ref: taskKey(task.id),
    repository: task.repository,
    requirements: task.requirements,
    text: task.title,
  }))
  return (draft.input.uses.get(repository) ?? [])
    .filter((producer) => before.includes(producer))
    .flatMap((producer) =>
      chooseProducers(
        requirements,
        [...claimed, ...draft.built].filter((candidate) => candidate.repository === producer),
        draft.input.names,
      ),
    )
}

function isClaimed(task: ExistingTask): boolean {
  return task.status === 'in_progress' || task.status === 'in_review'
}

function edgesOf(draft: Draft, id: number): string[] {
  return draft.input.state.context.edges.filter((edge) => edge.task === id).map((edge) => taskKey(edge.dependsOn))
}

/** Drops edges to tasks that are cancelled, or will be because nothing of the draft goes on with them. */
function withLiveEdges(task: PlannedTask, draft: Draft): PlannedTask {
  const lives = (name: string): boolean => {
    const existing = name.startsWith('TASK-') ? draft.byId.get(Number(name.slice('TASK-'.length))) : undefined
    if (existing === undefined) return true
    if (existing.prdId !== draft.input.prd.id) return existing.status !== 'cancelled'
    return staysByItself(existing) || draft.taken.has(existing.id)
  }
  return { ...task, depends_on: task.depends_on.filter(lives) }
}

function groupOf(draft: Draft, requirements: readonly RequirementRecord[]): Group {
  const { prd, names, contracts, questions } = draft.input
  return {
    requirements,
    names,
    kind: prd.kind,
    source: `${prdKey(prd.id)} revision ${prd.revision}`,
    contracts,
    questions: [...new Set(requirements.flatMap(({ id }) => questions.get(id) ?? []))],
  }
}

/** Small list items without a label, next to each other in one section, are one task. */
function groupTiny(requirements: readonly RequirementRecord[]): readonly (readonly RequirementRecord[])[] {
  const groups: RequirementRecord[][] = []
  for (const requirement of requirements) {
    const group = groups.at(-1)
    const before = group?.at(-1)
    const joins =
      group !== undefined &&
      group.length < MAX_SIBLINGS &&
      before !== undefined &&
      isTiny(before) &&
      isTiny(requirement) &&
      before.section.join('\n') === requirement.section.join('\n')
    if (joins) group.push(requirement)
    else groups.push([requirement])
  }
  return groups
}

function isTiny(requirement: RequirementRecord): boolean {
  const listed = ['bullet', 'checklist', 'numbered', 'table'].includes(requirement.form)
  return (
    listed && requirement.label === undefined && requirement.text.length <= TINY && requirement.criteria.length <= 1
  )
}
