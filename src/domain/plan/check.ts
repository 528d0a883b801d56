import type { PlannedTask, PlanProblem } from '../../../schemas/plan.ts'
import { vaguePhrase } from './untestable.ts'

/** What a plan is checked against; read in the transaction that stores it. */
export interface PlanContext {
  readonly prd: string
  /** Every repository of the workspace. */
  readonly repositories: readonly { readonly name: string; readonly inPrd: boolean }[]
  readonly requirements: readonly { readonly id: number; readonly label: string | undefined; readonly text: string }[]
  /** Requirements that kept tasks realise, as they stand now. */
  readonly covered: ReadonlySet<number>
  /** Existing tasks: every one of the PRD, those that the plan waits for, and those these wait for. */
  readonly tasks: ReadonlyMap<
    number,
    { readonly ofPrd: boolean; readonly kept: boolean; readonly dependsOn: readonly number[] }
  >
}

const MAX_CRITERIA = 10
const MAX_REQUIREMENTS = 8
const MAX_DESCRIPTION = 8000

/** Everything that is wrong with a plan, at once. */
export function checkPlan(context: PlanContext, tasks: readonly PlannedTask[]): PlanProblem[] {
  const refs = new Set(tasks.map((task) => task.ref))
  return [
    ...duplicateRefs(tasks),
    ...tasks.flatMap((task) => [
      ...repositoryProblems(context, task),
      ...requirementProblems(context, task),
      ...dependencyProblems(context, task, refs),
      ...qualityProblems(task),
    ]),
    ...keptProblems(context, tasks),
    ...duplicateTasks(tasks),
    ...cycles(context, tasks),
    ...uncovered(context, tasks),
  ]
}

/** The repository that a plan means: its name, or a prefix that only one has. */
export function matchRepository<R extends { readonly name: string }>(
  repositories: readonly R[],
  name: string,
): R | undefined {
  const wanted = name.toLowerCase()
  const exact = repositories.find((entry) => entry.name.toLowerCase() === wanted)
  const candidates = repositories.filter((entry) => entry.name.toLowerCase().startsWith(wanted))
  return exact ?? (candidates.length === 1 ? candidates[0] : undefined)
}

/** The requirement that a plan means: its key or its label, in any case. */
export function matchRequirement<R extends { readonly id: number; readonly label?: string | undefined }>(
  requirements: readonly R[],
  name: string,
): R | undefined {
  const wanted = name.trim().toLowerCase()
  return (
    requirements.find((entry) => `req-${entry.id}` === wanted) ??
    requirements.find((entry) => entry.label?.toLowerCase() === wanted)
  )
}

/** `TASK-12` → 12 */
export function taskNumber(name: string): number | undefined {
  const digits = /^TASK-([1-9]\d{0,9})$/i.exec(name.trim())?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function problem(code: PlanProblem['code'], task: string | undefined, message: string): PlanProblem {
  return { code, ...(task !== undefined && { task }), message }
}

function duplicateRefs(tasks: readonly PlannedTask[]): PlanProblem[] {
  const seen = new Map<string, number>()
  for (const task of tasks) seen.set(task.ref, (seen.get(task.ref) ?? 0) + 1)
  return [...seen]
    .filter(([, times]) => times > 1)
    .map(([ref, times]) =>
      problem('duplicate_ref', ref, `The ref ${ref} stands ${times} times. Give each task its own.`),
    )
}

function repositoryProblems(context: PlanContext, task: PlannedTask): PlanProblem[] {
  const known = matchRepository(context.repositories, task.repository)
  const names = context.repositories.filter((entry) => entry.inPrd).map((entry) => entry.name)
  if (known === undefined)
    return [
      problem(
        'unknown_repository',
        task.ref,
        `${task.ref}: there is no repository "${task.repository}". The PRD has ${names.join(', ') || 'none'}.`,
      ),
    ]
  if (!known.inPrd)
    return [
      problem(
        'repository_outside_prd',
        task.ref,
        `${task.ref}: ${known.name} is no repository of ${context.prd}. Add it with prd_update, or use ${names.join(', ')}.`,
      ),
    ]
  return []
}

function requirementProblems(context: PlanContext, task: PlannedTask): PlanProblem[] {
  return task.requirements
    .filter((name) => matchRequirement(context.requirements, name) === undefined)
    .map((name) =>
      problem('unknown_requirement', task.ref, `${task.ref}: ${context.prd} has no requirement "${name}" now.`),
    )
}

function dependencyProblems(context: PlanContext, task: PlannedTask, refs: ReadonlySet<string>): PlanProblem[] {
  return task.depends_on.flatMap((name) => {
    if (name === task.ref)
      return [problem('self_dependency', task.ref, `${task.ref} waits for itself. Drop that edge.`)]
    const number = taskNumber(name)
    if (refs.has(name) || (number !== undefined && context.tasks.has(number))) return []
    return [
      problem(
        'unknown_dependency',
        task.ref,
        `${task.ref} → ${name}: there is no such task, neither in the plan nor in the workspace.`,
      ),
    ]
  })
}

function qualityProblems(task: PlannedTask): PlanProblem[] {
  const problems: PlanProblem[] = []
  if (task.acceptance_criteria.length === 0)
    problems.push(
      problem(
        'missing_criteria',
        task.ref,
        `${task.ref} has no acceptance criterion. Say how one sees that it is done.`,
      ),
    )
  for (const [index, criterion] of task.acceptance_criteria.entries()) {
    const phrase = vaguePhrase(criterion)
    if (phrase !== undefined)
      problems.push(
        problem(
          'untestable_criterion',
          task.ref,
          `${task.ref}, criterion ${index + 1}: "${phrase}" cannot be tested. Name a value, a status, a file or a test.`,
        ),
      )
  }
  if (task.acceptance_criteria.length > MAX_CRITERIA)
    problems.push(oversized(task, `${task.acceptance_criteria.length} criteria (at most ${MAX_CRITERIA})`))
  if (task.requirements.length > MAX_REQUIREMENTS)
    problems.push(oversized(task, `${task.requirements.length} requirements (at most ${MAX_REQUIREMENTS})`))
  if (task.description.length > MAX_DESCRIPTION)
    problems.push(oversized(task, `${task.description.length} characters of description (at most ${MAX_DESCRIPTION})`))
  return problems
}

function oversized(task: PlannedTask, measure: string): PlanProblem {
  return problem('oversized_task', task.ref, `${task.ref} is too large: ${measure}. Cut it in two.`)
}

/** A finished or claimed task stays as it is; a ref must not mean it. */
function keptProblems(context: PlanContext, tasks: readonly PlannedTask[]): PlanProblem[] {
  return tasks.flatMap((task) => {
    const number = taskNumber(task.ref)
    const existing = number === undefined ? undefined : context.tasks.get(number)
    if (number === undefined || (existing?.ofPrd && !existing.kept)) return []
    const why = existing?.ofPrd ? 'is finished or claimed and stays as it is' : `is no task of ${context.prd}`
    return [
      problem('kept_task_conflict', task.ref, `${task.ref} ${why}. Leave it out, or give this task a ref of its own.`),
    ]
  })
}

function duplicateTasks(tasks: readonly PlannedTask[]): PlanProblem[] {
  const groups = Map.groupBy(tasks, (task) => `${task.repository.toLowerCase()}\n${normalized(task.title)}`)
  const sameTitle = [...groups.values()].filter((group) => group.length > 1).map((group) => duplicate(group))
  const sameWork = Map.groupBy(
    tasks,
    (task) => `${task.repository.toLowerCase()}\n${[...task.requirements].sort().join(' ').toLowerCase()}`,
  )
  const similar = [...sameWork.values()].flatMap((group) =>
    group.flatMap((task, index) =>
      group
        .slice(index + 1)
        .filter(
          (other) =>
            normalized(other.title) !== normalized(task.title) &&
            likeness(task.title, other.title) >= 0.85 &&
            sharesCriteria(task, other),
        )
        .map((other) => duplicate([task, other])),
    ),
  )
  return [...sameTitle, ...similar]
}

function duplicate(group: readonly PlannedTask[]): PlanProblem {
  const refs = group.map((task) => task.ref)
  return problem(
    'duplicate_task',
    refs[1],
    `${refs.join(' and ')} are the same work in ${group[0]?.repository}: "${group[0]?.title}". Keep one, or say in the titles how they differ.`,
  )
}

function normalized(title: string): string {
  return (title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')
}

/** Parts of one requirement have like titles and criteria of their own. */
function sharesCriteria(a: PlannedTask, b: PlannedTask): boolean {
  const shared = a.acceptance_criteria.filter((criterion) => b.acceptance_criteria.includes(criterion)).length
  return shared * 2 >= Math.min(a.acceptance_criteria.length, b.acceptance_criteria.length)
}

/** Dice coefficient of the words of two titles. */
function likeness(a: string, b: string): number {
  const left = new Set(normalized(a).split(' '))
  const right = new Set(normalized(b).split(' '))
  const shared = [...left].filter((word) => right.has(word)).length
  return (2 * shared) / (left.size + right.size)
}

/** Every cycle once, with its path; it may lead through tasks that exist already. */
function cycles(context: PlanContext, tasks: readonly PlannedTask[]): PlanProblem[] {
  const planned = new Map(tasks.map((task) => [task.ref, task]))
  const next = (node: string): readonly string[] => {
    const task = planned.get(node)
    if (task !== undefined)
      return task.depends_on
        .filter((name) => name !== node)
        .map((name) => (planned.has(name) ? name : name.toUpperCase()))
    return (context.tasks.get(taskNumber(node) ?? 0)?.dependsOn ?? []).map((id) => `TASK-${id}`)
  }
  const finished = new Set<string>()
  const problems: PlanProblem[] = []
  for (const start of planned.keys()) {
    // Depth first, by hand: a plan may be a chain of a thousand.
    const path: { readonly node: string; readonly rest: string[] }[] = []
    const open = new Set<string>()
    const enter = (node: string) => {
      path.push({ node, rest: [...next(node)] })
      open.add(node)
    }
    if (!finished.has(start)) enter(start)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const child = top.rest.shift()
      if (child === undefined) {
        finished.add(top.node)
        open.delete(top.node)
        path.pop()
      } else if (open.has(child)) {
        const circle = path.slice(path.findIndex((entry) => entry.node === child)).map((entry) => entry.node)
        problems.push(
          problem(
            'cycle',
            child,
            `These wait for each other in a cycle: ${[...circle, child].join(' → ')}. Drop one edge.`,
          ),
        )
      } else if (!finished.has(child)) enter(child)
    }
  }
  return problems
}

function uncovered(context: PlanContext, tasks: readonly PlannedTask[]): PlanProblem[] {
  const realised = new Set(
    tasks.flatMap((task) => task.requirements.map((name) => matchRequirement(context.requirements, name)?.id)),
  )
  return context.requirements
    .filter((requirement) => !realised.has(requirement.id) && !context.covered.has(requirement.id))
    .map((requirement) =>
      problem(
        'uncovered_requirement',
        undefined,
        `No task realises ${requirement.label ?? `REQ-${requirement.id}`} ("${requirement.text.split('\n', 1)[0]?.slice(0, 80)}").`,
      ),
    )
}
