import { keyNumber } from '../../../schemas/key.ts'
import type { PlanDraft, PlannedTask } from '../../../schemas/plan.ts'
import type { Complexity } from '../../../schemas/task.ts'
import type { Reader } from '../../store/database.ts'
import { findPrdBody, type PrdRecord } from '../../store/prds.ts'
import { findRepository, type RepositoryRecord } from '../../store/repositories.ts'
import type { RequirementRecord } from '../../store/requirements.ts'
import { listDependencies } from '../../store/task-links.ts'
import type { TaskRecord } from '../../store/tasks.ts'
import { getPrd } from '../prd.ts'
import type { RepositoryMap } from '../repository.ts'
import { extractRequirements } from '../requirement/extract.ts'
import type { Service } from '../service.ts'
import { readSurroundings, type Surroundings } from './context.ts'
import { placeRequirements } from './place.ts'
import { producersFirst, usesOf } from './producers.ts'
import { vaguePhrase } from './untestable.ts'

const MAX_CRITERIA = 10
/** Up to so many tasks of a producer are all waited for; of more, those that are about the same. */
const FEW = 8

/**
 * A plan that follows from the text and the repositories alone: one task a requirement and repository, interface
 * first. Finished and claimed tasks stay, open ones are gone on with, so after an edit only what changed is new.
 */
export async function draftPlan(
  service: Service,
  input: { readonly prd: string; readonly mapOf: (repository: string) => RepositoryMap | undefined },
): Promise<PlanDraft> {
  return await service.database.read(async (reader) => {
    const prd = await getPrd(reader, keyNumber(input.prd))
    const around = await readSurroundings(reader, prd, [])
    const body = (await findPrdBody(reader, prd.id, prd.revision)) ?? ''
    const { questions: asked, frontMatter } = extractRequirements(body)
    const repositories = await readRepositories(reader, prd)
    const missing = around.requirements.filter((requirement) => !around.context.covered.has(requirement.id))
    const { placements, questions } = placeRequirements(
      missing.map((requirement) => ({
        name: nameOf(requirement),
        text: requirement.text,
        section: requirement.section,
        criteria: requirement.criteria.map((criterion) => criterion.text),
      })),
      repositories.map((record) => ({
        name: record.name,
        packages: record.facts.packages.map((entry) => entry.name),
        map: input.mapOf(record.name),
      })),
      frontMatter,
    )
    const uses = usesOf(repositories)
    const order = producersFirst(
      repositories.map((record) => record.name),
      uses,
    )
    const pieces = order.flatMap((repository) =>
      missing
        .filter((requirement) =>
          placements.some(
            (placement) => placement.repository === repository && placement.requirement === nameOf(requirement),
          ),
        )
        .map((requirement) => ({ requirement, repository })),
    )
    const tasks = await buildTasks(reader, prd, around, pieces, uses)
    return {
      prd: input.prd,
      base_revision: prd.revision,
      requirements: around.requirements.map((requirement) => ({
        id: `REQ-${requirement.id}`,
        ...(requirement.label !== undefined && { label: requirement.label }),
        text: requirement.text,
        lines: requirement.lines,
        criteria: requirement.criteria.map((criterion) => criterion.text),
      })),
      placements: [...placements],
      tasks,
      questions: [
        ...asked.map((question) => `Line ${question.lines.start}: ${question.text}`),
        ...questions,
        ...vagueQuestions(tasks),
      ],
      kept: around.kept.map((task) => ({ task: `TASK-${task.id}`, title: task.title, status: task.status })),
    }
  })
}

interface Piece {
  readonly requirement: RequirementRecord
  readonly repository: string
}

async function readRepositories(reader: Reader, prd: PrdRecord): Promise<readonly RepositoryRecord[]> {
  const records: RepositoryRecord[] = []
  for (const id of prd.repositoryIds) {
    const record = await findRepository(reader, id)
    if (record !== undefined) records.push(record)
  }
  return records
}

async function buildTasks(
  reader: Reader,
  prd: PrdRecord,
  around: Surroundings,
  pieces: readonly Piece[],
  uses: ReadonlyMap<string, readonly string[]>,
): Promise<PlannedTask[]> {
  const built: { readonly piece: Piece; readonly task: PlannedTask }[] = []
  const taken = new Set<number>()
  let number = 0
  const nextRef = () => {
    do number += 1
    while (around.open.some((task) => task.alias === `T${number}`))
    return `T${number}`
  }
  const regression = new Map<string, string>()
  for (const piece of pieces) {
    const existing = around.open.find(
      (task) =>
        !taken.has(task.id) &&
        task.repository === piece.repository &&
        around.traces.get(task.id)?.includes(piece.requirement.id),
    )
    if (existing !== undefined) taken.add(existing.id)
    const waitsFor = [
      ...producers(piece, built, uses),
      ...(regression.get(piece.repository) === undefined ? [] : [regression.get(piece.repository) ?? '']),
    ]
    if (existing !== undefined && !existing.stale) {
      built.push({ piece, task: await asPlanned(reader, existing, around) })
      continue
    }
    if (prd.kind === 'bug' && existing === undefined && !regression.has(piece.repository)) {
      const test = regressionTest(nextRef(), piece)
      regression.set(piece.repository, test.ref)
      waitsFor.push(test.ref)
      built.push({ piece, task: test })
    }
    const parts = inParts(criteriaOf(piece.requirement))
    let before: string | undefined
    for (const [index, criteria] of parts.entries()) {
      const ref: string = existing !== undefined && index === 0 ? `TASK-${existing.id}` : nextRef()
      const task = newTask(
        ref,
        piece,
        criteria,
        parts.length > 1 ? ` (part ${index + 1} of ${parts.length})` : '',
        before === undefined ? waitsFor : [before],
      )
      built.push({ piece, task })
      before = ref
    }
  }
  return built.map(({ task }) => task)
}

/** Refs of the tasks whose outcome this piece uses: those of the repositories it uses, for the same requirement where there are any. */
function producers(
  piece: Piece,
  built: readonly { readonly piece: Piece; readonly task: PlannedTask }[],
  uses: ReadonlyMap<string, readonly string[]>,
): string[] {
  return (uses.get(piece.repository) ?? []).flatMap((producer) => {
    const candidates = built.filter((entry) => entry.piece.repository === producer)
    const same = candidates.filter((entry) => entry.piece.requirement.id === piece.requirement.id)
    const near =
      candidates.length <= FEW
        ? candidates
        : candidates
            .filter((entry) => shareWords(entry.piece.requirement.text, piece.requirement.text) >= 3)
            .slice(0, FEW)
    return (same.length > 0 ? same : near).map((entry) => entry.task.ref)
  })
}

function shareWords(a: string, b: string): number {
  const long = (text: string) =>
    new Set(
      (text.toLowerCase().match(/[\p{L}\p{N}]{5,}/gu) ?? []).filter((word) => word !== 'system' && word !== 'shall'),
    )
  const words = long(b)
  return [...long(a)].filter((word) => words.has(word)).length
}

function newTask(
  ref: string,
  { requirement, repository }: Piece,
  criteria: readonly string[],
  suffix: string,
  dependsOn: readonly string[],
): PlannedTask {
  return {
    ref,
    title: `${titleOf(requirement)}${suffix}`,
    repository,
    description: requirement.text,
    acceptance_criteria: [...criteria],
    test_cases: criteria.map((criterion) => criterion.slice(0, 100)),
    requirements: [nameOf(requirement)],
    depends_on: [...new Set(dependsOn)],
    complexity: complexityOf(requirement, criteria),
    priority: 50,
    context: { references: [`lines ${requirement.lines.start}-${requirement.lines.end} of the PRD`] },
  }
}

function regressionTest(ref: string, { requirement, repository }: Piece): PlannedTask {
  return {
    ref,
    title: `Regression test: ${titleOf(requirement)}`.slice(0, 300),
    repository,
    description:
      'Write a test that shows the defect, before anything is mended. The full suite stays red until the fix; mark the test so.',
    acceptance_criteria: [
      'The test fails on the code as it is, for the reason the report gives, and is marked to fail until the fix.',
    ],
    test_cases: [`reproduces: ${titleOf(requirement)}`.slice(0, 200)],
    requirements: [nameOf(requirement)],
    depends_on: [],
    complexity: 'low',
    priority: 50,
    context: {},
  }
}

/** An open task as it stands, under its key: submitting it changes nothing. */
async function asPlanned(reader: Reader, task: TaskRecord, around: Surroundings): Promise<PlannedTask> {
  const names = (around.traces.get(task.id) ?? [])
    .flatMap((id) => around.requirements.find((requirement) => requirement.id === id) ?? [])
    .map(nameOf)
  return {
    ref: `TASK-${task.id}`,
    title: task.title,
    repository: task.repository,
    description: task.description,
    acceptance_criteria: [...task.criteria],
    test_cases: [...task.testCases],
    requirements: names,
    depends_on: (await listDependencies(reader, task.id)).map((id) => `TASK-${id}`),
    complexity: task.complexity,
    priority: task.priority,
    context: task.context,
  }
}

function nameOf(requirement: RequirementRecord): string {
  return requirement.label ?? `REQ-${requirement.id}`
}

const TAG = /\s*\[\s*repo(?:sitor(?:y|ies))?s?\s*:[^\]\n]{0,200}\]/gi

/** The heading of a requirement, else its first sentence. */
function titleOf(requirement: RequirementRecord): string {
  const text = requirement.text.replaceAll(TAG, '').trim()
  const first = text.split('\n', 1)[0] ?? text
  const heading = /^([^:.]{3,80}): /.exec(first)?.[1]
  const sentence = /^.{10,160}?[.!?](?=\s|$)/.exec(first)?.[0]
  return (heading ?? sentence ?? first).slice(0, 160).trim() || nameOf(requirement)
}

/** Its own criteria; a requirement without any is its own. */
function criteriaOf(requirement: RequirementRecord): readonly string[] {
  const own = requirement.criteria
    .map((criterion) => criterion.text.replaceAll(/\s+/g, ' ').trim().slice(0, 1000))
    .filter((text) => text !== '')
  return own.length > 0
    ? [...new Set(own)]
    : [requirement.text.replaceAll(TAG, '').replaceAll(/\s+/g, ' ').trim().slice(0, 1000)]
}

function inParts(criteria: readonly string[]): readonly (readonly string[])[] {
  const parts: (readonly string[])[] = []
  for (let start = 0; start < criteria.length; start += MAX_CRITERIA)
    parts.push(criteria.slice(start, start + MAX_CRITERIA))
  return parts
}

function complexityOf(requirement: RequirementRecord, criteria: readonly string[]): Complexity {
  if (criteria.length >= 6 || requirement.text.length > 1500) return 'high'
  return criteria.length <= 2 && requirement.text.length < 300 ? 'low' : 'medium'
}

function vagueQuestions(tasks: readonly PlannedTask[]): string[] {
  return tasks.flatMap((task) =>
    task.acceptance_criteria.flatMap((criterion) => {
      const phrase = vaguePhrase(criterion)
      return phrase === undefined
        ? []
        : [`What does "${phrase}" mean in ${task.requirements.join(', ')}: "${criterion.slice(0, 120)}"? Name a value.`]
    }),
  )
}
