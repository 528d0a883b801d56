import type { OpenQuestion } from '../../../schemas/requirement.ts'
import { mentionedLabels } from '../../spec/requirement/label.ts'
import type { RequirementRecord } from '../../store/prd/requirements.ts'
import { clip } from './wording.ts'

/** With this the reason of a task begins that waits for an answer; an edit that answers it frees the task. */
export const WAITS_FOR_ANSWER = 'open question'

const MAX_REASON = 300

/** What the text leaves open, as the reason for which a task waits. */
export function reasonOf({ lines, text }: OpenQuestion): string {
  return clip(`${WAITS_FOR_ANSWER}, line ${lines.start}: ${text}`, MAX_REASON)
}

/**
 * The questions that touch each requirement: asked inside it, naming its label, or asked in its own section. A question
 * that touches none stops nothing but is shown with the draft.
 */
export function questionsByRequirement(
  questions: readonly OpenQuestion[],
  requirements: readonly Pick<RequirementRecord, 'id' | 'label' | 'lines' | 'section'>[],
): ReadonlyMap<number, readonly OpenQuestion[]> {
  const touched = new Map<number, OpenQuestion[]>()
  for (const question of questions) {
    const labels = new Set(mentionedLabels(question.text))
    for (const { id, label, lines, section } of requirements) {
      const inside = question.lines.start >= lines.start && question.lines.end <= lines.end
      const named = label !== undefined && labels.has(label.toUpperCase())
      const beside = section.length > 1 && section.join('\n') === question.section.join('\n')
      if (!inside && !named && !beside) continue
      const known = touched.get(id)
      if (known === undefined) touched.set(id, [question])
      else known.push(question)
    }
  }
  return touched
}
