import type { PlanDraft } from '../../../schemas/plan.ts'
import { clip } from '../text.ts'

interface PlanRepository {
  readonly name: string
  readonly packages: readonly string[]
  readonly uses: readonly string[]
}

interface PlanPart extends PlanDraft {
  tasks_total: number
  questions_total: number
  repositories: { name: string; packages: string[]; uses: string[] }[]
  next_offset?: number
}

/**
 * A part of a draft that fits the budget: whole tasks from `offset` on with what they realise; with the first part also
 * the repositories, what is kept, and as many questions as have room.
 */
export function fitPlan(
  draft: PlanDraft,
  repositories: readonly PlanRepository[],
  offset: number,
  maxChars: number,
): PlanPart {
  const tasks: PlanDraft['tasks'] = []
  const requirements = new Map<string, PlanDraft['requirements'][number]>()
  const placements: PlanDraft['placements'] = []
  let room = maxChars
  for (const task of draft.tasks.slice(offset)) {
    const added = draft.requirements
      .filter((requirement) => !requirements.has(requirement.id) && realises(task.requirements, requirement))
      .map(shorten)
    const reasons = draft.placements.filter(
      (placement) =>
        placement.repository === task.repository &&
        added.some((requirement) => realises([placement.requirement], requirement)),
    )
    const cost = length([task, added, reasons])
    if (tasks.length > 0 && cost > room) break
    room -= cost
    tasks.push(task)
    placements.push(...reasons)
    for (const requirement of added) requirements.set(requirement.id, requirement)
  }
  const end = offset + tasks.length
  const last = end >= draft.tasks.length
  const first = offset === 0
  const fitting = <T>(items: readonly T[]): T[] => {
    const taken: T[] = []
    for (const item of first ? items : []) {
      room -= length(item)
      if (room < 0) break
      taken.push(item)
    }
    return taken
  }
  const shownRepositories = fitting(
    repositories.map(({ name, packages, uses }) => ({ name, packages: packages.slice(0, 5), uses: uses.slice(0, 10) })),
  )
  return {
    ...draft,
    requirements: [...requirements.values(), ...(last ? fitting(unrealised(draft).map(shorten)) : [])],
    placements,
    tasks,
    tasks_total: draft.tasks.length,
    waves: fitting(draft.waves.map((wave) => wave.slice(0, 50))),
    critical_path: fitting(draft.critical_path),
    repositories: shownRepositories,
    questions: fitting(draft.questions.map((question) => clip(question, 300).text)),
    questions_total: draft.questions.length,
    kept: fitting(draft.kept),
    ...(!last && { next_offset: end }),
  }
}

function length(value: unknown): number {
  return JSON.stringify(value).length + 1
}

function shorten(requirement: PlanDraft['requirements'][number]): PlanDraft['requirements'][number] {
  return {
    ...requirement,
    text: clip(requirement.text, 300).text,
    criteria: requirement.criteria.map((criterion) => clip(criterion, 100).text),
  }
}

/** What no draft task realises. */
function unrealised(draft: PlanDraft): PlanDraft['requirements'] {
  return draft.requirements.filter(
    (requirement) => !draft.tasks.some((task) => realises(task.requirements, requirement)),
  )
}

function realises(
  names: readonly string[],
  requirement: { readonly id: string; readonly label?: string | undefined },
): boolean {
  return names.includes(requirement.id) || (requirement.label !== undefined && names.includes(requirement.label))
}
