import { prdKey, requirementKey, taskKey } from '../../../schemas/key.ts'
import type { Placement, PlanDraft } from '../../../schemas/plan.ts'
import type { PrdKind } from '../../../schemas/prd.ts'
import type { PackageFact } from '../../../schemas/repository.ts'
import { apart } from '../../reading/read-apart.ts'
import type { PlanText } from '../../reading/readings.ts'
import type { RepositoryMap } from '../repository/repository.ts'
import { checkPlan } from './check.ts'
import { composeTasks } from './compose.ts'
import { type PlanState, staysByItself } from './context.ts'
import { questionsByRequirement } from './open-questions.ts'
import { type Placing, placeRequirements } from './place.ts'
import { producersFirst, usesOf } from './producers.ts'
import { scheduleFields } from './schedule.ts'
import { requirementNames } from './wording.ts'

/** A repository of the PRD, as far as requirements are placed by it. */
export interface DraftRepository {
  readonly name: string
  readonly facts: { readonly packages: readonly PackageFact[] }
  readonly map: RepositoryMap | undefined
}

/** All that a draft follows from. */
export interface DraftInput {
  readonly prd: { readonly id: number; readonly kind: PrdKind; readonly revision: number }
  readonly state: PlanState
  readonly text: PlanText
  readonly repositories: readonly DraftRepository[]
  /** Number of the first new ref. */
  readonly firstNumber: number
}

/** Drafts a plan, apart where its requirements are many. */
export const drafting = apart('draft', draftOf, ({ state }: DraftInput) =>
  state.requirements.reduce((sum, { text, criteria }) => sum + text.length + 100 * (1 + criteria.length), 0),
)

function draftOf({ prd, state, text, repositories, firstNumber }: DraftInput): PlanDraft {
  const names = requirementNames(state.requirements)
  const decided = placesOfPlan(state, names)
  const placing = place(state, decided, repositories, text.extraction.frontMatter, names)
  const uses = usesOf(repositories)
  const order = producersFirst(
    repositories.map(({ name }) => name),
    uses,
  )
  const open = text.extraction.questions
  const { tasks, questions } = composeTasks({
    prd,
    state,
    places: placesById(state, placing.placements, names),
    order,
    uses,
    names,
    contracts: text.contracts,
    questions: questionsByRequirement(open, state.requirements),
    firstNumber,
  })
  const problems = checkPlan(state.context, tasks)
  return {
    prd: prdKey(prd.id),
    base_revision: prd.revision,
    requirements: state.requirements.map((requirement) => ({
      id: requirementKey(requirement.id),
      ...(requirement.label !== undefined && { label: requirement.label }),
      text: requirement.text,
      lines: requirement.lines,
      criteria: requirement.criteria.map((criterion) => criterion.text),
    })),
    placements: [...placing.placements],
    tasks,
    ...scheduleFields(tasks),
    questions: [
      ...open.map((question) => `Line ${question.lines.start}: ${question.text}`),
      ...(state.requirements.length === 0 ? [NO_REQUIREMENTS] : []),
      ...placing.questions,
      ...questions,
      // Where a requirement has no place, that was asked already.
      ...problems.filter((problem) => problem.code !== 'uncovered_requirement').map((problem) => problem.message),
    ],
    kept: state.context.tasks
      .filter((task) => task.prdId === prd.id && staysByItself(task))
      .map((task) => ({ task: taskKey(task.id), title: task.title, status: task.status })),
  }
}

const NO_REQUIREMENTS =
  'What has to be built? No requirement was found in the text; write them under a heading "Requirements", then check the text.'

/** Where the plan that holds has put its requirements; whoever made it decided what the text may leave open. */
function placesOfPlan(state: PlanState, names: ReadonlyMap<number, string>) {
  const { context } = state
  const tasks = context.tasks.filter(
    (task) =>
      task.prdId === context.prdId &&
      task.planned &&
      task.status !== 'cancelled' &&
      context.prdRepositories.includes(task.repository),
  )
  const tasksOf = Map.groupBy(
    tasks.flatMap((task) => task.requirements.map((id) => ({ id, task }))),
    ({ id }) => id,
  )
  return new Map(
    context.requirements.map(({ id }) => {
      const realising = (tasksOf.get(id) ?? []).map(({ task }) => task)
      const placements = new Map(
        realising.map((task): [string, Placement] => [
          task.repository,
          {
            requirement: names.get(id) ?? '',
            repository: task.repository,
            confidence: 1,
            reason: `${taskKey(task.id)} realises it there`,
          },
        ]),
      )
      return [id, { placements: [...placements.values()], stale: realising.some((task) => task.stale) }]
    }),
  )
}

/** The plan decides for what did not change; for what did, the text, and the plan where the text leaves it open. */
function place(
  state: PlanState,
  decided: ReturnType<typeof placesOfPlan>,
  repositories: readonly DraftRepository[],
  frontMatter: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<number, string>,
): Placing {
  const settled = (id: number) => {
    const plan = decided.get(id)
    return plan !== undefined && plan.placements.length > 0 && !plan.stale
  }
  const candidates = repositories.map(({ name, facts, map }) => ({ name, packages: facts.packages, map }))
  const placeable = state.requirements
    .filter((requirement) => !settled(requirement.id))
    .map((requirement) => ({
      ...requirement,
      id: requirementKey(requirement.id),
      number: requirement.id,
      name: names.get(requirement.id) ?? requirementKey(requirement.id),
    }))
  const byText = placeRequirements({ requirements: placeable, repositories: candidates, frontMatter })
  const placed = new Set(byText.placements.map((placement) => placement.requirement))
  const fallBack = placeable.filter(
    (requirement) => !placed.has(requirement.name) && (decided.get(requirement.number)?.placements.length ?? 0) > 0,
  )
  const answered = new Set(fallBack.map(({ number }) => number))
  // Asked again without those the plan answers.
  const { questions } =
    fallBack.length === 0
      ? byText
      : placeRequirements({
          requirements: placeable.filter(({ number }) => !answered.has(number)),
          repositories: candidates,
          frontMatter,
        })
  const byPlan = state.requirements
    .filter((requirement) => settled(requirement.id) || answered.has(requirement.id))
    .flatMap((requirement) => decided.get(requirement.id)?.placements ?? [])
  return { placements: [...byText.placements, ...byPlan], questions }
}

function placesById(
  state: PlanState,
  placements: readonly Placement[],
  names: ReadonlyMap<number, string>,
): ReadonlyMap<number, ReadonlySet<string>> {
  const byName = Map.groupBy(placements, (placement) => placement.requirement)
  return new Map(
    state.requirements.map(({ id }) => [
      id,
      new Set((byName.get(names.get(id) ?? '') ?? []).map((placement) => placement.repository)),
    ]),
  )
}
