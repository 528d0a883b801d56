import { prdKey, requirementKey, taskKey } from '../../../schemas/key.ts'
import type { PlannedTask, PlanProblem } from '../../../schemas/plan.ts'
import { nearest } from '../../spec/nearest.ts'
import { resolveName } from '../../spec/requirement/tags.ts'
import { type ExistingTask, isOpen, type PlanContext, parseTaskKey, staysByItself } from './context.ts'
import { titleKey } from './duplicates.ts'

/** What a task of the plan waits for: another one of the plan, by its place in it, or a task of the store. */
export type Dependency = { readonly planned: number } | { readonly existing: number; readonly done: boolean }

export interface ResolvedTask {
  readonly planned: PlannedTask
  /** As written where there is no such repository. */
  readonly repository: string
  /** The open task it takes the place of; undefined for a new one. */
  readonly updates: ExistingTask | undefined
  /** The finished or claimed task it repeats: that one stays as it is. */
  readonly repeats: ExistingTask | undefined
  readonly requirements: readonly number[]
  readonly dependsOn: readonly Dependency[]
}

export interface ResolvedPlan {
  readonly tasks: readonly ResolvedTask[]
  /** Tasks of the PRD that stay untouched: finished, claimed, and open ones from outside any plan. */
  readonly kept: readonly ExistingTask[]
  /** Open tasks of the plan before that this one leaves out. */
  readonly cancelled: readonly ExistingTask[]
  readonly problems: readonly PlanProblem[]
}

/** Finds what the names in a plan stand for, and what becomes of the tasks there are. */
export function resolvePlan(context: PlanContext, plan: readonly PlannedTask[]): ResolvedPlan {
  const problems: PlanProblem[] = []
  const places = plan.map((task) => resolveRepository(context, task, problems))
  const matches = matchExisting(context, plan, places, problems)
  const updated = new Set(matches.flatMap((match) => match.updates?.id ?? []))
  const own = context.tasks.filter((task) => task.prdId === context.prdId && task.status !== 'cancelled')
  const stays = (task: ExistingTask) => !updated.has(task.id) && staysByItself(task)
  const naming: Naming = {
    byRef: indexRefs(plan, problems),
    matches,
    existing: new Map(context.tasks.map((task) => [task.id, task])),
    cancelled: new Set(own.filter((task) => !updated.has(task.id) && !stays(task)).map((task) => task.id)),
    keptAliases: Map.groupBy(own.filter(stays), (task) => task.alias),
  }
  const findRequirement = requirementFinder(context)
  return {
    tasks: plan.map((planned, index) => ({
      planned,
      repository: places[index] ?? planned.repository,
      ...(matches[index] ?? NO_MATCH),
      requirements: unique(
        planned.requirements.flatMap((name) => {
          const found = findRequirement(name)
          if ('id' in found) return [found.id]
          problems.push({
            code: 'unknown_requirement',
            task: planned.ref,
            message: `${planned.ref}: ${sentence(found.problem)}`,
          })
          return []
        }),
      ),
      dependsOn: resolveDependencies(planned, index, naming, problems),
    })),
    kept: own.filter(stays),
    cancelled: own.filter((task) => naming.cancelled.has(task.id)),
    problems,
  }
}

type Match = Pick<ResolvedTask, 'updates' | 'repeats'>

const NO_MATCH: Match = { updates: undefined, repeats: undefined }

function resolveRepository(context: PlanContext, task: PlannedTask, problems: PlanProblem[]): string | undefined {
  const name =
    resolveName(task.repository, context.repositories) ?? resolveName(task.repository, context.prdRepositories)
  if (name === undefined) {
    const candidates = context.repositories.filter((entry) =>
      entry.toLowerCase().startsWith(task.repository.toLowerCase()),
    )
    const guess = nearest(task.repository, context.repositories)
    const help =
      candidates.length > 1
        ? `it could be ${candidates.slice(0, 5).join(', ')}; write the whole name`
        : guess !== undefined
          ? `did you mean "${guess}"?`
          : `the PRD has ${listed(context.prdRepositories)}`
    problems.push({
      code: 'unknown_repository',
      task: task.ref,
      message: `${task.ref}: there is no repository "${task.repository}"; ${sentence(help)}`,
    })
  } else if (!context.prdRepositories.includes(name)) {
    problems.push({
      code: 'repository_outside_prd',
      task: task.ref,
      message: `${task.ref}: ${name} is no repository of ${prdKey(context.prdId)}, which has ${listed(context.prdRepositories)}. Add it to the PRD, or move the task.`,
    })
  }
  return name
}

function indexRefs(plan: readonly PlannedTask[], problems: PlanProblem[]): ReadonlyMap<string, number> {
  const places = Map.groupBy(plan.keys(), (index) => normalRef(plan[index]?.ref ?? ''))
  for (const [ref, indexes] of places) {
    if (indexes.length > 1)
      problems.push({
        code: 'duplicate_ref',
        task: ref,
        message: `The ref ${ref} stands ${indexes.length} times. Give each task its own.`,
      })
  }
  return new Map([...places].map(([ref, [first = 0]]) => [ref, first]))
}

/** Keys are the same in any case; other refs are as written. */
function normalRef(ref: string): string {
  return parseTaskKey(ref) === undefined ? ref : ref.toUpperCase()
}

/** Keys go first, so that no alias takes the task a key names. */
function matchExisting(
  context: PlanContext,
  plan: readonly PlannedTask[],
  places: readonly (string | undefined)[],
  problems: PlanProblem[],
): readonly Match[] {
  const taken = new Set<number>()
  const byKey = plan.map((task, index) => {
    const id = parseTaskKey(task.ref)
    if (id === undefined) return undefined
    const match = matchKey(context, task, id, places[index])
    if (typeof match === 'string') {
      problems.push({ code: 'kept_task_conflict', task: task.ref, message: `${match}.` })
      return NO_MATCH
    }
    // A second task of the same ref is a duplicate, which is told elsewhere.
    if (taken.has(id)) return NO_MATCH
    taken.add(id)
    return match
  })
  const byAlias = Map.groupBy(
    context.tasks.filter((task) => task.prdId === context.prdId && task.alias !== undefined),
    (task) => task.alias,
  )
  return plan.map((task, index) => {
    const known = byKey[index]
    if (known !== undefined) return known
    const candidates = (byAlias.get(task.ref) ?? []).filter(
      (other) => other.repository === places[index] && other.status !== 'cancelled' && !taken.has(other.id),
    )
    const match = matchAlias(task, candidates)
    const id = match.updates?.id ?? match.repeats?.id
    if (id !== undefined) taken.add(id)
    return match
  })
}

/** What the key stands for, or why it cannot be planned. */
function matchKey(context: PlanContext, task: PlannedTask, id: number, repository: string | undefined): Match | string {
  const existing = context.tasks.find((other) => other.id === id && other.prdId === context.prdId)
  const key = taskKey(id)
  if (existing === undefined)
    return `${key} is no task of ${prdKey(context.prdId)}; give a new task a ref of another form, for example T1`
  if (isOpen(existing)) return { updates: existing, repeats: undefined }
  if (existing.status === 'cancelled') return `${key} is cancelled; reopen it, or use another ref`
  if (titleKey(existing.title) === titleKey(task.title) && existing.repository === repository)
    return { updates: undefined, repeats: existing }
  return `${key} "${existing.title}" is ${existing.status} and stays as it is; leave it out, or plan the further work under another ref`
}

/**
 * An earlier plan's task of this ref. One that is open is updated. One that is finished or claimed is repeated if it is
 * still the same; where the requirement changed since it was done, the work is new.
 */
function matchAlias(task: PlannedTask, candidates: readonly ExistingTask[]): Match {
  const same = (other: ExistingTask) => titleKey(other.title) === titleKey(task.title)
  const open = candidates.filter(isOpen)
  const updates = open.find(same)
  if (updates !== undefined) return { updates, repeats: undefined }
  const repeats = candidates.find((other) => !isOpen(other) && same(other) && !(other.status === 'done' && other.stale))
  if (repeats !== undefined) return { updates: undefined, repeats }
  return { updates: open[0], repeats: undefined }
}

interface Naming {
  readonly byRef: ReadonlyMap<string, number>
  readonly matches: readonly Match[]
  readonly existing: ReadonlyMap<number, ExistingTask>
  readonly cancelled: ReadonlySet<number>
  readonly keptAliases: ReadonlyMap<string | undefined, readonly ExistingTask[]>
}

function resolveDependencies(
  task: PlannedTask,
  index: number,
  naming: Naming,
  problems: PlanProblem[],
): readonly Dependency[] {
  const dependencies = new Map<string, Dependency>()
  for (const name of task.depends_on) {
    const found = resolveDependency(name, naming)
    if (typeof found === 'string') {
      problems.push({
        code: 'unknown_dependency',
        task: task.ref,
        message: `${task.ref} → ${name}: ${sentence(found)}`,
      })
    } else if ('planned' in found && found.planned === index) {
      problems.push({
        code: 'self_dependency',
        task: task.ref,
        message: `${task.ref} waits for itself. Drop that edge.`,
      })
    } else dependencies.set(JSON.stringify(found), found)
  }
  return [...dependencies.values()]
}

function resolveDependency(name: string, naming: Naming): Dependency | string {
  const index = naming.byRef.get(normalRef(name))
  if (index !== undefined) {
    const repeated = naming.matches[index]?.repeats
    return repeated === undefined ? { planned: index } : waitFor(repeated)
  }
  const id = parseTaskKey(name)
  if (id !== undefined) {
    const existing = naming.existing.get(id)
    if (existing === undefined) return 'there is no such task'
    if (existing.status === 'cancelled') return 'it is cancelled and would never be done'
    if (naming.cancelled.has(id))
      return `this plan leaves it out, so it would be cancelled; add it with ref "${taskKey(id)}", or drop the edge`
    const updater = naming.matches.findIndex((match) => match.updates?.id === id)
    return updater === -1 ? waitFor(existing) : { planned: updater }
  }
  const [kept, ...others] = naming.keptAliases.get(name) ?? []
  if (kept !== undefined && others.length === 0) return waitFor(kept)
  const guess = nearest(name, naming.byRef.keys())
  return `no task of this plan has that ref, and it is no TASK key${guess === undefined ? '' : `; did you mean "${guess}"?`}`
}

function waitFor(task: ExistingTask): Dependency {
  return { existing: task.id, done: task.status === 'done' }
}

/** A key goes before a label that looks like one: the packet names keys. Own requirements go before the parent's. */
function requirementFinder(
  context: PlanContext,
): (name: string) => { readonly id: number } | { readonly problem: string } {
  const byKey = new Map(
    [...context.parentRequirements, ...context.requirements].map((entry) => [requirementKey(entry.id), entry.id]),
  )
  const byLabel = Map.groupBy(
    context.requirements.filter((entry) => entry.label !== undefined),
    (entry) => entry.label?.trim().toUpperCase(),
  )
  const parentsByLabel = Map.groupBy(
    context.parentRequirements.filter((entry) => entry.label !== undefined),
    (entry) => entry.label?.trim().toUpperCase(),
  )
  return (name) => {
    const wanted = name.trim().toUpperCase()
    const id = byKey.get(wanted)
    if (id !== undefined) return { id }
    const [only, ...others] = byLabel.get(wanted) ?? parentsByLabel.get(wanted) ?? []
    if (only !== undefined && others.length === 0) return { id: only.id }
    if (only !== undefined) {
      const keys = [only, ...others].map((entry) => requirementKey(entry.id)).join(', ')
      return { problem: `several requirements are labelled "${name}" (${keys}); write the key` }
    }
    const names = context.requirements.map((entry) => entry.label ?? requirementKey(entry.id))
    const guess = nearest(name, names)
    const help = guess === undefined ? `it has ${listed(names)}` : `did you mean "${guess}"?`
    return { problem: `${prdKey(context.prdId)} has no requirement "${name}" now; ${help}` }
  }
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`
}

function sentence(text: string): string {
  return text.endsWith('?') ? text : `${text}.`
}

function unique(ids: readonly number[]): readonly number[] {
  return [...new Set(ids)]
}
