import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Extraction } from '../../../schemas/requirement.ts'
import { extractRequirements } from '../../../src/spec/requirement/extract.ts'
import { processorTime } from '../../processor-time.ts'
import { runs } from '../../property-runs.ts'

describe('any text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '- ',
      '1. ',
      '  ',
      '\t',
      '\n',
      '\r\n',
      '\r',
      '# ',
      '### Requirement: ',
      '#### Scenario: ',
      '## Open questions\n',
      '## Requirements\n',
      '| a | b |\n|---|---|\n',
      '|',
      '```',
      '~~~',
      '<!--',
      '-->',
      '> ',
      '---\n',
      '**',
      '__',
      '`',
      '[',
      ']',
      '[ ] ',
      'FR-001: ',
      '**FR-2**: ',
      'Given ',
      'When ',
      'Then ',
      'shall ',
      'The ',
      'As a x, I want y',
      '[NEEDS CLARIFICATION: ',
      'TBD: ',
      '\0',
      '\uD800',
      '\uDC00',
      '\uFEFF',
      '~~',
      'Acceptance criteria:\n',
      'Scenario: ',
      '1.1 A',
    ),
    fc.string(),
    fc.string({ unit: 'binary' }),
  )
  const document = fc.array(piece, { maxLength: 120, size: 'max' }).map((pieces) => pieces.join(''))

  it('gives a valid extraction with lines inside the text, twice the same', () => {
    fc.assert(
      fc.property(document, (text) => {
        const extraction = extractRequirements(text)
        expect(Extraction.parse(extraction)).toEqual(extraction)
        expect(extractRequirements(text)).toEqual(extraction)
        const count = text.split(/\r\n|\n|\r/).length
        const spans = extraction.requirements.flatMap((requirement) => [
          requirement.lines,
          ...requirement.criteria.map((criterion) => criterion.lines),
        ])
        for (const { start, end } of [...spans, ...extraction.questions.map((question) => question.lines)]) {
          expect(start).toBeLessThanOrEqual(end)
          expect(end).toBeLessThanOrEqual(count)
        }
        for (const requirement of extraction.requirements) expect(requirement.text).not.toBe('')
      }),
      { numRuns: runs(2000) },
    )
  })

  it.each([
    ['one long line', 'a '.repeat(500_000)],
    ['many bold marks', '**'.repeat(400_000)],
    ['many backticks', '- `'.repeat(300_000)],
    ['many comment starts', 'x <!-- '.repeat(140_000)],
    ['comment starts on lines', 'x <!--\n'.repeat(140_000)],
    ['nested markers', '- '.repeat(400_000)],
    ['nested lists', Array.from({ length: 1200 }, (_, depth) => `${' '.repeat(depth * 2)}- a`).join('\n')],
    ['open brackets', '[NEEDS CLARIFICATION: '.repeat(45_000)],
    ['brackets in markers', `[NEEDS CLARIFICATION: ${'[a] '.repeat(200_000)}`],
    ['white space', `FR-1:${' '.repeat(900_000)}x`],
    ['sentences', 'The x shall y. '.repeat(60_000)],
    ['pipes', `${'|'.repeat(400_000)}\n${'|-'.repeat(200_000)}`],
    ['quotes', '>'.repeat(900_000)],
    ['dashes', '-'.repeat(900_000)],
    ['steps', 'Given a\nWhen b\nThen c\n'.repeat(40_000)],
    ['steps of one scenario', `- Scenario: a\n${'  - And b\n'.repeat(130_000)}`],
    ['criteria of one requirement', `- FR-1: x\n- Acceptance criteria:\n${'  - a\n'.repeat(170_000)}`],
    ['requirements under one key', `# FR-1: x\n- Requirements:\n${'  - FR-2: a\n'.repeat(90_000)}`],
    ['headings', '# FR-1: a\n'.repeat(90_000)],
    [
      'aliases that stand for each other',
      `---\na: &a [${Array(3000).fill('*a').join(', ')}]\n---\n- FR-1: The system shall answer.\n`,
    ],
    ['unclosed front matter', `---\n${'a: b\n'.repeat(150_000)}`],
  ])('of about a megabyte is read in linear time: %s', (_, text) => {
    // Quadratic work on a megabyte takes minutes.
    expect(processorTime(() => extractRequirements(text)).ms).toBeLessThan(10_000)
  })
})
