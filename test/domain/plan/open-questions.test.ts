import { describe, expect, test } from 'vitest'
import { questionsByRequirement } from '../../../src/domain/plan/open-questions.ts'
import { extractRequirements } from '../../../src/spec/requirement/extract.ts'

/** Labels of the requirements that some question of the text touches. */
function touched(text: string): string[] {
  const { requirements, questions } = extractRequirements(text)
  expect(questions.length, 'the text asks something').toBeGreaterThan(0)
  const found = questionsByRequirement(
    questions,
    requirements.map((requirement, id) => ({ ...requirement, id })),
  )
  return requirements.flatMap(({ label }, id) => (found.has(id) ? [label ?? '?'] : []))
}

const FR = (number: number, more = '') => `- FR-${number}: The api SHALL answer ${number} to question ${number}.${more}`
const ASKS = '[NEEDS CLARIFICATION: how many days?]'

describe('a question touches', () => {
  test.each([
    ['the requirement it is asked inside', [FR(1), FR(2, ` ${ASKS}`), FR(3)], ['FR-2']],
    ['the first of a section alone, asked inside it', [FR(1, ` ${ASKS}`), FR(2), FR(3)], ['FR-1']],
    ['the requirement whose criterion asks', [FR(1), `  - It ends after ${ASKS} days.`, FR(2)], ['FR-1']],
    [
      'those it names, wherever it stands',
      [FR(1), FR(2), FR(3), '', '## Open questions', '', '- FR-1 and FR-3: which currency?'],
      ['FR-1', 'FR-3'],
    ],
    [
      'the one it is asked inside and those it names',
      [FR(1), FR(2, ' [NEEDS CLARIFICATION: as in FR-3?]'), FR(3)],
      ['FR-2', 'FR-3'],
    ],
    ['the requirement it follows, standing on its own', [FR(1), FR(2), '', ASKS, '', FR(3)], ['FR-2']],
    ['the last requirement, standing behind the list', [FR(1), FR(2), '', `${ASKS}`], ['FR-2']],
    ['all of the section, standing before the first', ['', ASKS, '', FR(1), FR(2)], ['FR-1', 'FR-2']],
    ['nothing of another section', [FR(1), FR(2), '', '## Rollout', '', `We ship it after ${ASKS} days.`], []],
  ])('%s', (_, lines, expected) => {
    expect(touched(['# Export', '', '## Requirements', '', ...lines, ''].join('\n'))).toEqual(expected)
  })
})
