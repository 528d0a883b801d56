import { wordCause } from '../../../schemas/cause.ts'
import { requirementKey } from '../../../schemas/key.ts'
import type { PlannedTask } from '../../../schemas/plan.ts'
import type { PrdKind } from '../../../schemas/prd.ts'
import type { OpenQuestion } from '../../../schemas/requirement.ts'
import type { Complexity, TaskContext } from '../../../schemas/task.ts'
import { type Contract, contractsFor } from '../../spec/contracts.ts'
import { withoutTags } from '../../spec/requirement/tags.ts'
import type { RequirementRecord } from '../../store/prd/requirements.ts'
import { MAX_CRITERIA, MAX_DESCRIPTION } from './check.ts'
import { waitsFor } from './open-questions.ts'
import { clip } from './wording.ts'

const MAX_TITLE = 160
const MAX_CRITERION = 1000
const MAX_TEST_CASE = 100

/** Requirements that one task realises, and what they are called. */
export interface Group {
  readonly requirements: readonly RequirementRecord[]
  readonly names: ReadonlyMap<number, string>
  /** Where their lines are, for example "PRD-1 revision 3". */
  readonly source: string
  readonly kind: PrdKind
  readonly contracts: readonly Contract[]
  /** What the text leaves open about them. */
  readonly questions: readonly OpenQuestion[]
}

/** What a task says about its requirements; more criteria than one task may have make several. */
export type TaskText = Pick<
  PlannedTask,
  'title' | 'description' | 'acceptance_criteria' | 'test_cases' | 'requirements' | 'complexity' | 'context'
>

export function writeTasks(group: Group): readonly TaskText[] {
  const criteria = [...new Set(group.requirements.flatMap((requirement) => criteriaOf(requirement)))]
  const parts = Array.from({ length: Math.ceil(criteria.length / MAX_CRITERIA) }, (_, index) =>
    criteria.slice(index * MAX_CRITERIA, (index + 1) * MAX_CRITERIA),
  )
  const title = withFile(group, titleOf(group))
  const bound = group.requirements.flatMap((requirement) => contractsFor(textOf(requirement), group.contracts))
  const contracts = [...new Set(bound)]
  const context = contextOf(group, contracts)
  return parts.map((part, index) => ({
    title: parts.length > 1 ? `${title} (part ${index + 1} of ${parts.length})` : title,
    description: clip(descriptionOf(group), MAX_DESCRIPTION),
    acceptance_criteria: [...part, ...contracts.map(matches)].slice(0, MAX_CRITERIA),
    test_cases: part.map((criterion) => clip(testName(group.kind, title, criterion), MAX_TEST_CASE)),
    requirements: group.requirements.map((requirement) => nameOf(group, requirement)),
    complexity: complexityOf(group, part),
    context,
  }))
}

/** The test that shows a defect. The suite has to stay green until the fix, or the task could never be proven. */
export function writeRegressionTest(group: Group): TaskText {
  const title = titleOf(group)
  return {
    title: `Regression test: ${title}`,
    description:
      'Write a test that shows the defect, before anything is mended. Mark it as expected to fail, so that the suite stays green until the fix.',
    acceptance_criteria: [
      'The test fails on the code as it is, for the reason the report gives, and is marked to fail until the fix.',
    ],
    test_cases: [clip(`reproduces: ${title}`, MAX_TEST_CASE)],
    requirements: group.requirements.map((requirement) => nameOf(group, requirement)),
    complexity: 'low',
    context: { references: referencesOf(group) },
  }
}

/** Something is put in for the time being, and the text does not say itself what takes it out. */
export function introducesStub(group: Group): boolean {
  const text = group.requirements.map(textOf).join('\n')
  return STUB.test(text) && !/\b(?:remov\w*|replac\w*|delet\w*|tak(?:es?|en) out)\b/i.test(text)
}

const STUB =
  /\b(?:stub(?:s|bed)?|mock(?:ed)? (?:endpoint|response|data|service|client|answer)s?|placeholder (?:endpoint|response|data|value|implementation)s?|temporary|temporarily|shim|hard[- ]?coded for now|behind a (?:temporary )?flag)\b/i

/** What was put in for the time being goes again. */
export function writeStubRemoval(group: Group): TaskText {
  const title = titleOf(group)
  const found = STUB.exec(group.requirements.map(textOf).join('\n'))?.[0] ?? 'stub'
  return {
    title: clip(`Remove the ${found.toLowerCase()} of: ${title}`, MAX_TITLE),
    description: `"${title}" puts in something for the time being (${found}). Take it out once what it stands for is there, and let its users use the real thing.`,
    acceptance_criteria: [
      `Nothing in the repository contains or calls the ${found.toLowerCase()} any more.`,
      'The tests of what used it pass against the real thing.',
    ],
    test_cases: [clip(`works without the ${found.toLowerCase()}: ${title}`, MAX_TEST_CASE)],
    requirements: group.requirements.map((requirement) => nameOf(group, requirement)),
    complexity: 'low',
    context: { references: referencesOf(group) },
  }
}

/** The headings of the requirements, else their first sentences. */
function titleOf(group: Group): string {
  const titles = group.requirements.map((requirement) => {
    const text = withoutTags(requirement.text)
    const story = /\bas an? [^.]{2,80}?,? i (?:want|need|can)\b[^.]{3,160}/i.exec(text)?.[0]
    if (story !== undefined && group.kind === 'prd') return story.trim()
    const first = text.split('\n', 1)[0] ?? text
    const heading = /^([^:.]{3,80}): /.exec(first)?.[1]
    const sentence = /^.{10,160}?[.!?](?=\s|$)/.exec(first)?.[0]
    return (heading ?? sentence ?? first).trim() || nameOf(group, requirement)
  })
  return clip([...new Set(titles)].join('; '), MAX_TITLE)
}

/** Its own criteria; a requirement without any has to be shown itself. */
function criteriaOf(requirement: RequirementRecord): readonly string[] {
  const own = requirement.criteria.map((criterion) => oneLine(criterion.text)).filter((text) => text !== '')
  if (own.length > 0) return own.map((text) => clip(text, MAX_CRITERION))
  return [
    clip(`A test proves: ${oneLine(withoutTags(requirement.text)) || requirementKey(requirement.id)}`, MAX_CRITERION),
  ]
}

/** A sentence for people in a PRD; where code is near, Unit_Scenario_Expected. */
function testName(kind: PrdKind, title: string, criterion: string): string {
  if (kind !== 'prd') return codeName(title, criterion)
  const steps = /\bgiven\s+(.+?),?\s+when\s+(.+?),?\s+then\s+(.+)$/i.exec(criterion)
  return steps === null ? criterion : `${steps[3]?.replace(/[.\s]+$/, '')} when ${steps[2]} (given ${steps[1]})`
}

function descriptionOf(group: Group): string {
  if (group.requirements.length === 1) return group.requirements[0]?.text ?? ''
  return group.requirements.map((requirement) => `${nameOf(group, requirement)}: ${requirement.text}`).join('\n\n')
}

function referencesOf(group: Group): string[] {
  return group.requirements.map(({ lines }) => `${group.source}, lines ${lines.start}-${lines.end}`)
}

function complexityOf(group: Group, criteria: readonly string[]): Complexity {
  const length = group.requirements.reduce((sum, requirement) => sum + requirement.text.length, 0)
  const hard = group.requirements.some((requirement) => HARD.test(textOf(requirement)))
  if (criteria.length >= 6 || length > 1500 || (hard && criteria.length >= 3)) return 'high'
  if (hard) return 'medium'
  return criteria.length <= 2 && length < 300 ? 'low' : 'medium'
}

function nameOf(group: Group, requirement: RequirementRecord): string {
  return group.names.get(requirement.id) ?? requirementKey(requirement.id)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Statement and criteria. */
function textOf({ text, criteria }: RequirementRecord): string {
  return [text, ...criteria.map((criterion) => criterion.text)].join('\n')
}

const PATH = /(?<![\w/:.])(?:[\w@.-]+\/)+[\w@-]+\.[A-Za-z]\w{0,5}(?![\w/])/g
const MAX_FILES = 20

function filesOf(group: Group): readonly string[] {
  if (group.kind === 'prd') return []
  return [...new Set(group.requirements.flatMap((requirement) => textOf(requirement).match(PATH) ?? []))].slice(
    0,
    MAX_FILES,
  )
}

/** A task of a tech spec says where, when its text names one place. */
function withFile(group: Group, title: string): string {
  const [only, ...others] = filesOf(group)
  return group.kind !== 'tech_spec' || only === undefined || others.length > 0 || title.includes(only)
    ? title
    : clip(`${title} (${only})`, MAX_TITLE)
}

function contextOf(group: Group, contracts: readonly Contract[]): TaskContext {
  const files = filesOf(group)
  const notes = group.questions
    .map((question) => `Waits for an answer: ${wordCause(waitsFor(question, []))}`)
    .join('\n')
  return {
    references: referencesOf(group),
    ...(files.length > 0 && { files: [...files] }),
    ...(contracts.length > 0 && { contracts: contracts.slice(0, 20).map(({ title, text }) => `${title}:\n${text}`) }),
    ...(notes !== '' && { notes: clip(notes, 4000) }),
  }
}

function matches({ title, lines }: Contract): string {
  return clip(
    `What is sent and stored matches the contract "${title}" (lines ${lines.start}-${lines.end}).`,
    MAX_CRITERION,
  )
}

/** Work that touches these is rarely small. */
const HARD =
  /\b(?:oauth|single sign-on|authenticat\w*|encrypt\w*|payments?|real[- ]time|websockets?|migrat\w*|concurren\w*|transaction\w*|third[- ]party|webhooks?|external (?:api|service|system))\b/i

/** `Unit_Scenario_Expected`, for example `PlaceOrder_EmptyBasket_Answers400`. */
function codeName(title: string, criterion: string): string {
  const steps = /\b(?:given\s+(.+?),?\s+)?when\s+(.+?),?\s+then\s+(.+)$/i.exec(criterion)
  const unit = pascal(title.replace(/\s*\(.*$/, ''), 3)
  if (steps === null) return `${unit}_Always_${pascal(criterion, 6)}`
  return [unit, pascal(steps[2] ?? '', 5), pascal(steps[3] ?? '', 5)].join('_')
}

function pascal(text: string, words: number): string {
  const found = (text.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !ARTICLES.has(word.toLowerCase()))
  return found
    .slice(0, words)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

const ARTICLES = new Set(['a', 'an', 'the', 'is', 'are', 'of', 'to', 'and', 'it', 'that'])
