import type { Principal } from '../../../schemas/actor.ts'
import { keyNumber, prdKey, requirementKey, taskKey } from '../../../schemas/key.ts'
import type { Placement, PlanDraft } from '../../../schemas/plan.ts'
import { readSpecification } from '../../spec/check/specification.ts'
import type { Reader } from '../../store/database.ts'
import { findPrdBody, type PrdRecord } from '../../store/prd/prds.ts'
import { findRepository, type RepositoryRecord } from '../../store/repositories.ts'
import { findLastAliasNumber } from '../../store/task/tasks.ts'
import { getPrd } from '../prd/prd.ts'
import type { RepositoryMap } from '../repository/repository.ts'
import { consult, type Service } from '../service.ts'
import { checkPlan } from './check.ts'
import { composeTasks, REF_PREFIX } from './compose.ts'
import { type PlanState, readPlanState, staysByItself } from './context.ts'
import { contractsOf } from './contracts.ts'
import { questionsByRequirement } from './open-questions.ts'
import { type Placing, placeRequirements } from './place.ts'
import { producersFirst, usesOf } from './producers.ts'
import { scheduleFields } from './schedule.ts'
import { requirementNames } from './wording.ts'

/**
 * A plan that follows from the text and the repositories alone: one task a requirement and repository, what is used
 * before its users. Finished and claimed tasks stay, open ones are gone on with, so after an edit only what changed is
 * new. Without questions it passes `checkPlan` as it is; what would not pass is a question.
 */
export async function draftPlan(
  service: Service,
  caller: Principal,
  input: { readonly prd: string; readonly mapOf: (repository: string) => RepositoryMap | undefined },
): Promise<PlanDraft> {
  return await consult(service, caller, 'plan.draft', async (reader) => {
    const prd = await getPrd(reader, keyNumber(input.prd))
    const state = await readPlanState(reader, prd, [])
    const specification = readSpecification((await findPrdBody(reader, prd.id, prd.revision)) ?? '', prd.kind)
    const text = specification.extraction
    const repositories = await readRepositories(reader, prd)
    const names = requirementNames(state.requirements)
    const decided = placesOfPlan(state, names)
    const placing = place(state, decided, repositories, input.mapOf, text.frontMatter, names)
    const uses = usesOf(repositories)
    const order = producersFirst(
      repositories.map((record) => record.name),
      uses,
    )
    const places = placesById(state, placing.placements, names)
    const { tasks, questions } = composeTasks({
      prd,
      state,
      places,
      order,
      uses,
      names,
      contracts: contractsOf(specification),
      questions: questionsByRequirement(text.questions, state.requirements),
      firstNumber: (await findLastAliasNumber(reader, REF_PREFIX[prd.kind])) + 1,
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
        ...text.questions.map((question) => `Line ${question.lines.start}: ${question.text}`),
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
  })
}

const NO_REQUIREMENTS =
  'What has to be built? No requirement was found in the text; write them under a heading "Requirements", then check the text.'

async function readRepositories(reader: Reader, prd: PrdRecord): Promise<readonly RepositoryRecord[]> {
  const records: RepositoryRecord[] = []
  for (const id of prd.repositoryIds) {
    const record = await findRepository(reader, id)
    if (record !== undefined) records.push(record)
  }
  return records
}

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
  return new Map(
    context.requirements.map(({ id }) => {
      const realising = tasks.filter((task) => task.requirements.includes(id))
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
  repositories: readonly RepositoryRecord[],
  mapOf: (repository: string) => RepositoryMap | undefined,
  frontMatter: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<number, string>,
): Placing {
  const settled = (id: number) => {
    const plan = decided.get(id)
    return plan !== undefined && plan.placements.length > 0 && !plan.stale
  }
  const candidates = repositories.map((record) => ({
    name: record.name,
    packages: record.facts.packages,
    map: mapOf(record.name),
  }))
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
  // Asked again without those the plan answers.
  const { questions } =
    fallBack.length === 0
      ? byText
      : placeRequirements({
          requirements: placeable.filter((requirement) => !fallBack.includes(requirement)),
          repositories: candidates,
          frontMatter,
        })
  const byPlan = state.requirements
    .filter((requirement) => settled(requirement.id) || fallBack.some((entry) => entry.number === requirement.id))
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
