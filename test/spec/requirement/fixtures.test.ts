import { describe, expect, it } from 'vitest'
import { extractRequirements } from '../../../src/spec/requirement/extract.ts'
import { type ExpectedRequirement, labelledFixtures, readFixture } from './labelled-fixtures.ts'

function lineOf(text: string, piece: string): number {
  const index = text.split('\n').findIndex((line) => line.includes(piece))
  if (index === -1) throw new Error(`the fixture has no line with ${piece}`)
  return index + 1
}

/** What was found, in the words of the label where they agree. */
function found(text: string, expected: readonly ExpectedRequirement[]) {
  return extractRequirements(text).requirements.map((requirement) => {
    const name =
      requirement.label ??
      expected.find(
        ([start, piece]) => requirement.text.startsWith(start) && lineOf(text, piece) === requirement.lines.start,
      )?.[0]
    return { name: name ?? requirement.text, line: requirement.lines.start, criteria: requirement.criteria.length }
  })
}

describe('extraction from labelled documents', () => {
  for (const { file, requirements, questions } of labelledFixtures) {
    it(`finds exactly the requirements of ${file}, with their first lines and criteria`, () => {
      const text = readFixture(file)
      expect(found(text, requirements)).toEqual(
        requirements.map(([name, piece, criteria]) => ({ name, line: lineOf(text, piece), criteria })),
      )
    })

    it(`finds exactly the open questions of ${file}`, () => {
      expect(extractRequirements(readFixture(file)).questions.map((question) => question.text)).toEqual(questions)
    })

    it(`finds the same in ${file} whatever ends its lines`, () => {
      const text = readFixture(file)
      const plain = extractRequirements(text)
      expect(extractRequirements(text.replaceAll('\n', '\r\n'))).toEqual(plain)
      expect(extractRequirements(`\uFEFF${text}`)).toEqual(plain)
    })
  }
})
