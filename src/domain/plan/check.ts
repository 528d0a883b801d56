import { taskKey } from '../../../schemas/key.ts'
import type { PlannedTask, PlanProblem } from '../../../schemas/plan.ts'
import { findCycles } from '../../graph.ts'
import type { PlanContext } from './context.ts'
import { type Comparable, findDuplicates } from './duplicates.ts'
import { type ResolvedPlan, type ResolvedTask, resolvePlan } from './resolve.ts'
import { findUntestable } from './testable.ts'
import { clip, requirementNames } from './wording.ts'

export const MAX_CRITERIA = 10
const MAX_REQUIREMENTS = 8
export const MAX_DESCRIPTION = 8000
/** Behind the first few the others are mostly the same knot again. */
const MAX_CYCLES = 10

/** Everything that is wrong with a plan, at once; nothing where it can be stored. Pure. */
export function checkPlan(context: PlanContext, tasks: readonly PlannedTask[]): readonly PlanProblem[] {
  return examinePlan(context, tasks).problems
}

/** The same, with what the plan comes to. */
export function examinePlan(context: PlanContext, tasks: readonly PlannedTask[]): ResolvedPlan {
  const plan = resolvePlan(context, tasks)
  const work = plan.tasks.filter((task) => task.repeats === undefined)
  const problems = [
    ...plan.problems,
    ...checkCycles(context, plan),
    ...checkCoverage(context, plan, work),
    ...checkDuplicates(plan, work),
    ...work.flatMap(checkCriteria),
    ...work.flatMap(checkSize),
  ]
  return { ...plan, problems }
}

/** Nodes are places in the plan, and keys of tasks that stay. */
function checkCycles(context: PlanContext, plan: ResolvedPlan): readonly PlanProblem[] {
  const updater = new Map(
    plan.tasks.flatMap((task, index) => (task.updates === undefined ? [] : [[task.updates.id, index]])),
  )
  const edges = Map.groupBy(context.edges, (edge) => edge.task)
  const nodeOf = (id: number): number | string => updater.get(id) ?? taskKey(id)
  const next = (node: number | string): readonly (number | string)[] =>
    typeof node === 'number'
      ? (plan.tasks[node]?.dependsOn ?? []).map((dependency) =>
          'planned' in dependency ? dependency.planned : nodeOf(dependency.existing),
        )
      : (edges.get(Number(node.slice('TASK-'.length))) ?? []).map((edge) => nodeOf(edge.dependsOn))
  const starts = plan.tasks.flatMap((task, index) => (task.repeats === undefined ? [index] : []))
  return findCycles<number | string>(starts, next, MAX_CYCLES).map((cycle) => {
    const names = [...cycle, ...cycle.slice(0, 1)].map((node) =>
      typeof node === 'number' ? (plan.tasks[node]?.planned.ref ?? '') : node,
    )
    return {
      code: 'cycle',
      ...(names[0] !== undefined && { task: names[0] }),
      message: `These wait for each other in a cycle: ${names.join(' → ')}. Drop one edge.`,
    }
  })
}

/** Work that stays counts, unless the text changed since. */
function checkCoverage(
  context: PlanContext,
  plan: ResolvedPlan,
  work: readonly ResolvedTask[],
): readonly PlanProblem[] {
  const names = requirementNames(context.requirements)
  const covered = new Set(work.flatMap((task) => task.requirements))
  for (const task of plan.kept) if (!task.stale) for (const id of task.requirements) covered.add(id)
  return context.requirements
    .filter((requirement) => !covered.has(requirement.id))
    .map((requirement) => {
      const stale = plan.kept.find((task) => task.stale && task.requirements.includes(requirement.id))
      const help =
        stale === undefined
          ? ''
          : ` It changed since ${taskKey(stale.id)} (${stale.status}) was cut for it: plan a task for the change.`
      return {
        code: 'uncovered_requirement',
        message: `No task realises ${names.get(requirement.id)} ("${clip(requirement.text, 80)}", line ${requirement.lines.start}).${help}`,
      }
    })
}

function checkDuplicates(plan: ResolvedPlan, work: readonly ResolvedTask[]): readonly PlanProblem[] {
  const kept = plan.kept
    .filter((task) => !task.stale)
    .map((task) => ({ ...task, name: `${taskKey(task.id)} (${task.status})`, origin: 'kept' as const }))
  const planned = work.map((task) => ({
    title: task.planned.title,
    repository: task.repository,
    requirements: task.requirements,
    name: task.planned.ref,
    origin: task.updates === undefined ? ('new' as const) : ('updated' as const),
  }))
  return (
    findDuplicates<Comparable & { name: string; origin: 'kept' | 'updated' | 'new' }>([...kept, ...planned])
      // What was there beside each other before may go on so.
      .filter(([first, later]) => later.origin === 'new' || (later.origin === 'updated' && first.origin !== 'kept'))
      .map(([first, later]) => ({
        code: 'duplicate_task',
        task: later.name,
        message: `${first.name} and ${later.name} are the same work in ${later.repository}: "${clip(later.title, 80)}". ${first.origin !== 'kept' ? 'Keep one, or say in the titles how they differ.' : 'Leave it out, or say in its title what is left to do.'}`,
      }))
  )
}

function checkCriteria({ planned }: ResolvedTask): readonly PlanProblem[] {
  if (planned.acceptance_criteria.length === 0) {
    return [
      {
        code: 'missing_criteria',
        task: planned.ref,
        message: `${planned.ref} has no acceptance criterion. Say how one sees that it is done.`,
      },
    ]
  }
  return planned.acceptance_criteria.flatMap((criterion, index) => {
    const words = findUntestable(criterion)
    if (words === undefined) return []
    return [
      {
        code: 'untestable_criterion' as const,
        task: planned.ref,
        message: `${planned.ref}, criterion ${index + 1}: "${clip(words, 40)}" cannot be tested. Name a value, a status, a file or a test.`,
      },
    ]
  })
}

function checkSize({ planned, requirements }: ResolvedTask): readonly PlanProblem[] {
  const excess = [
    planned.acceptance_criteria.length > MAX_CRITERIA &&
      `${planned.acceptance_criteria.length} criteria (at most ${MAX_CRITERIA})`,
    requirements.length > MAX_REQUIREMENTS && `${requirements.length} requirements (at most ${MAX_REQUIREMENTS})`,
    planned.description.length > MAX_DESCRIPTION &&
      `a description of ${planned.description.length} characters (at most ${MAX_DESCRIPTION})`,
  ].filter((part) => part !== false)
  if (excess.length === 0) return []
  return [
    {
      code: 'oversized_task',
      task: planned.ref,
      message: `${planned.ref} is too large: ${excess.join(', ')}. Cut it.`,
    },
  ]
}
