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
  const touchedBy = touchFinder(requirements)
  for (const question of questions) {
    for (const { id } of touchedBy(question)) {
      const known = touched.get(id)
      if (known === undefined) touched.set(id, [question])
      else known.push(question)
    }
  }
  return touched
}

/** Looks the requirements through once, for thousands of questions. */
function touchFinder(requirements: readonly Place[]): (question: OpenQuestion) => readonly Place[] {
  const around = enclosingFinder(requirements)
  const labelled = Map.groupBy(requirements.keys(), (place) => requirements[place]?.label?.toUpperCase())
  const sections = Map.groupBy(requirements, ({ section }) => section.join('\n'))
  // Where several end in one line, the first of them.
  const byEnd = new Map([...sections].map(([name, all]) => [name, all.toSorted((a, b) => b.lines.end - a.lines.end)]))
  return ({ lines, section, text }) => {
    const places = new Set([...around(lines), ...mentionedLabels(text).flatMap((label) => labelled.get(label) ?? [])])
    if (places.size > 0) return [...places].sort((a, b) => a - b).flatMap((place) => requirements[place] ?? [])
    const name = section.join('\n')
    const neighbours = byEnd.get(name) ?? []
    const followed = neighbours[firstWhere(neighbours.length, (at) => (neighbours[at]?.lines.end ?? 0) < lines.start)]
    if (followed !== undefined) return [followed]
    return section.length > 1 ? (sections.get(name) ?? []) : []
  }
}

/** Places of the requirements that some lines stand in. */
function enclosingFinder(requirements: readonly Place[]): (lines: OpenQuestion['lines']) => readonly number[] {
  const byStart = [...requirements.entries()].sort(([, a], [, b]) => a.lines.start - b.lines.start)
  let last = 0
  const ends = byStart.map(([, { lines }]) => {
    last = Math.max(last, lines.end)
    return last
  })
  return ({ start, end }) => {
    const found: number[] = []
    const behind = firstWhere(byStart.length, (at) => (byStart[at]?.[1].lines.start ?? 0) > start)
    for (let at = behind - 1; at >= 0 && (ends[at] ?? 0) >= end; at--) {
      const [place, requirement] = byStart[at] ?? []
      if (place !== undefined && requirement !== undefined && requirement.lines.end >= end) found.push(place)
    }
    return found
  }
}

/** The first place for which something holds that holds for all behind it. */
function firstWhere(length: number, holds: (place: number) => boolean): number {
  let low = 0
  for (let high = length; low < high; ) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
