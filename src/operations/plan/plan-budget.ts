import type { PlanDraft } from '../../../schemas/plan.ts'
import { step } from '../../step.ts'
import { asIs, type Cutter, createCutter } from '../text.ts'

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
  cut: Cutter,
): PlanPart {
  const tasks: PlanDraft['tasks'] = []
  const requirements = new Map<string, PlanDraft['requirements'][number]>()
  const placements: PlanDraft['placements'] = []
  let room = cut.whole ? Number.POSITIVE_INFINITY : maxChars - MARKS
  for (const task of draft.tasks.slice(offset)) {
    const added = draft.requirements.filter(
      (requirement) => !requirements.has(requirement.id) && realises(task.requirements, requirement),
    )
    const reasons = draft.placements.filter(
      (placement) =>
        placement.repository === task.repository &&
        added.some((requirement) => realises([placement.requirement], requirement)),
    )
    const cost = length([task, reasons]) + sum(added.map(lengthShown))
    if (tasks.length > 0 && cost > room) break
    room -= cost
    tasks.push(task)
    placements.push(...reasons)
    for (const requirement of added) requirements.set(requirement.id, requirement)
  }
  const end = offset + tasks.length
  const last = end >= draft.tasks.length
  const first = offset === 0
  // All of the draft in one answer, where what goes with its first part has no room.
  const whole = step('plan_draft', { prd: draft.prd, max_chars: Math.min(200_000, 2 * length([draft, repositories])) })
  const fitting = <T, R>(field: string, items: readonly T[], present: (item: T, cut: Cutter) => R): R[] => {
    if (!first) return []
    const shown = cut.list(field, items, { chars: Math.max(room, 0), least: 0 }, whole, present)
    room -= length(shown)
    return shown
  }
  const shownRepositories = fitting('repositories', repositories, ({ name, packages, uses }, part) => ({
    name,
    packages: part.list('packages', packages, { rows: 5 }, `Read speki://repository/${name}`, asIs),
    uses: [...uses],
  }))
  // What no task realises is questions to be answered, so it comes with the last part.
  const rest = last ? unrealised(draft) : []
  const whereRead = step('prd_get', { prd: draft.prd, include: ['requirements'] })
  const chars = sum([...requirements.values()].map(lengthShown)) + Math.max(room, 0)
  const shownRequirements = cut.list(
    'requirements',
    [...requirements.values(), ...rest],
    { chars, least: requirements.size },
    whereRead,
    // One task that fills the room says its criteria itself.
    (requirement, part) => shorten(requirement, draft.prd, part, room < 0 ? MAX_CRITERION / 2 : MAX_CRITERION),
  )
  return {
    ...draft,
    requirements: shownRequirements,
    placements,
    tasks,
    tasks_total: draft.tasks.length,
    waves: fitting('waves', draft.waves, asIs),
    critical_path: fitting('critical_path', draft.critical_path, asIs),
    repositories: shownRepositories,
    questions: fitting('questions', draft.questions, asIs),
    questions_total: draft.questions.length,
    kept: fitting('kept', draft.kept, asIs),
    ...(!last && { next_offset: end }),
  }
}

/** Characters kept for saying what was left out. */
const MARKS = 800

function length(value: unknown): number {
  return JSON.stringify(value).length + 1
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

const MAX_TEXT = 300
const MAX_CRITERION = 100

function shorten(
  requirement: PlanDraft['requirements'][number],
  prd: string,
  cut: Cutter,
  maxCriterion = MAX_CRITERION,
): PlanDraft['requirements'][number] {
  const whole = step('prd_get', { prd, section: requirement.id })
  return {
    ...requirement,
    text: cut.text('text', requirement.text, MAX_TEXT, whole),
    criteria: requirement.criteria.map((criterion) => cut.text('criteria.*', criterion, maxCriterion, whole)),
  }
}

function lengthShown(requirement: PlanDraft['requirements'][number]): number {
  return length(shorten(requirement, '', createCutter()))
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
