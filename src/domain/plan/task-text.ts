import type { PlannedTask } from '../../../schemas/plan.ts'
import type { Complexity } from '../../../schemas/task.ts'
import type { RequirementRecord } from '../../store/requirements.ts'
import { MAX_CRITERIA, MAX_DESCRIPTION } from './check.ts'
import { withoutTags } from './tags.ts'
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
  const title = titleOf(group)
  return parts.map((part, index) => ({
    title: parts.length > 1 ? `${title} (part ${index + 1} of ${parts.length})` : title,
    description: clip(descriptionOf(group), MAX_DESCRIPTION),
    acceptance_criteria: part,
    test_cases: part.map((criterion) => clip(testName(criterion), MAX_TEST_CASE)),
    requirements: group.requirements.map((requirement) => nameOf(group, requirement)),
    complexity: complexityOf(group, part),
    context: { references: referencesOf(group) },
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

/** The headings of the requirements, else their first sentences. */
function titleOf(group: Group): string {
  const titles = group.requirements.map((requirement) => {
    const text = withoutTags(requirement.text)
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
  return [clip(`A test proves: ${oneLine(withoutTags(requirement.text)) || `REQ-${requirement.id}`}`, MAX_CRITERION)]
}

/** A scenario by its outcome and its cause; anything else by its words. */
function testName(criterion: string): string {
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
  if (criteria.length >= 6 || length > 1500) return 'high'
  return criteria.length <= 2 && length < 300 ? 'low' : 'medium'
}

function nameOf(group: Group, requirement: RequirementRecord): string {
  return group.names.get(requirement.id) ?? `REQ-${requirement.id}`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
