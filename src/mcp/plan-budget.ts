import type { PlanDraft } from '../../schemas/plan.ts'

/** A part of a draft that fits the budget: whole tasks from `offset` on, with the requirements and placements they realise. */
export function fitPlan(
  draft: PlanDraft,
  offset: number,
  maxChars: number,
): PlanDraft & { tasks_total: number; next_offset?: number } {
  const shown: PlanDraft['tasks'] = []
  const requirements = new Map<string, PlanDraft['requirements'][number]>()
  let size = JSON.stringify([draft.questions, draft.kept]).length
  for (const task of draft.tasks.slice(offset)) {
    const added = draft.requirements.filter(
      (requirement) => !requirements.has(requirement.id) && realises(task.requirements, requirement),
    )
    const cost = JSON.stringify(task).length + JSON.stringify(added).length * 1.3
    if (shown.length > 0 && size + cost > maxChars) break
    size += cost
    shown.push(task)
    for (const requirement of added) requirements.set(requirement.id, requirement)
  }
  const end = offset + shown.length
  const last = end >= draft.tasks.length
  // What no draft task realises has no place in the parts: it is shown with the last one.
  const rest = last
    ? draft.requirements.filter((requirement) => !draft.tasks.some((task) => realises(task.requirements, requirement)))
    : []
  const visible = [...requirements.values(), ...rest]
  const names = new Set(visible.flatMap((requirement) => [requirement.id, requirement.label ?? requirement.id]))
  return {
    ...draft,
    requirements: visible,
    placements: draft.placements.filter((placement) => names.has(placement.requirement)),
    tasks: shown,
    tasks_total: draft.tasks.length,
    ...(!last && { next_offset: end }),
  }
}

function realises(names: readonly string[], requirement: PlanDraft['requirements'][number]): boolean {
  return names.includes(requirement.id) || (requirement.label !== undefined && names.includes(requirement.label))
}
