import type { Cause } from '../../../schemas/cause.ts'
import type { OpenQuestion } from '../../../schemas/requirement.ts'
import { mentionedLabels } from '../../spec/requirement/label.ts'
import type { RequirementRecord } from '../../store/prd/requirements.ts'
import { clip } from './wording.ts'

const MAX_QUESTION = 280

type OpenQuestionCause = Extract<Cause, { readonly kind: 'open_question' }>

/** Questions by the number of the requirement they touch. */
export type QuestionsByRequirement = ReadonlyMap<number, readonly OpenQuestion[]>

/** The first question that the text leaves open about these requirements, as the cause for which work on them waits. */
export function questionAbout(
  requirements: readonly number[],
  questions: QuestionsByRequirement,
): OpenQuestionCause | undefined {
  const [first] = requirements.flatMap((id) => questions.get(id) ?? [])
  if (first === undefined) return undefined
  return waitsFor(
    first,
    requirements.filter((id) => questions.get(id)?.includes(first)),
  )
}

/** An open question as a cause. */
export function waitsFor({ text, lines }: OpenQuestion, requirements: readonly number[]): OpenQuestionCause {
  return {
    kind: 'open_question',
    question: clip(text, MAX_QUESTION),
    line: lines.start,
    requirements: [...requirements],
  }
}

type Place = Pick<RequirementRecord, 'id' | 'label' | 'lines' | 'section'>

/**
 * The questions that touch each requirement: the one a question is asked inside, and those whose labels it names. One
 * that stands on its own in their section touches the requirement it follows; before the first it is about them all.
 * A question that touches none stops nothing but is shown with the draft.
 */
export function questionsByRequirement(
  questions: readonly OpenQuestion[],
  requirements: readonly Place[],
): QuestionsByRequirement {
  const touched = new Map<number, OpenQuestion[]>()
  for (const question of questions) {
    for (const { id } of touchedBy(question, requirements)) {
      const known = touched.get(id)
      if (known === undefined) touched.set(id, [question])
      else known.push(question)
    }
  }
  return touched
}

function touchedBy(question: OpenQuestion, requirements: readonly Place[]): readonly Place[] {
  const { lines, section, text } = question
  const labels = new Set(mentionedLabels(text))
  const close = requirements.filter(
    (entry) =>
      (lines.start >= entry.lines.start && lines.end <= entry.lines.end) ||
      (entry.label !== undefined && labels.has(entry.label.toUpperCase())),
  )
  if (close.length > 0) return close
  const neighbours = requirements.filter((entry) => entry.section.join('\n') === section.join('\n'))
  const followed = neighbours
    .filter((entry) => entry.lines.end < lines.start)
    .sort((a, b) => b.lines.end - a.lines.end)[0]
  if (followed !== undefined) return [followed]
  return section.length > 1 ? neighbours : []
}
