import { describe, expect, it } from 'vitest'
import { extractRequirements } from '../../../src/spec/requirement/extract.ts'
import { outline, read } from './reading.ts'

describe('Given/When/Then', () => {
  it('as bullets belongs to the requirement above', () => {
    expect(
      read('# P', '- FR-1: Export', '  - Given a report', '  - When exported', '  - Then a file', '  - And a log line'),
    ).toMatchObject([
      {
        label: 'FR-1',
        lines: { start: 2, end: 6 },
        criteria: [{ text: 'Given a report, When exported, Then a file, And a log line', lines: { start: 3, end: 6 } }],
      },
    ])
  })

  it('as sibling bullets or lines belongs to the requirement before', () => {
    const steps = ['Given a report', 'When exported', 'Then a file']
    expect(
      read('# P', 'FR-1: Export', '', ...steps, '', 'FR-2: Import', '', ...steps.map((step) => `- ${step}`)),
    ).toMatchObject([
      { label: 'FR-1', criteria: [{ lines: { start: 4, end: 6 } }] },
      { label: 'FR-2', criteria: [{ lines: { start: 10, end: 12 } }] },
    ])
  })

  it('in one line, alone under a requirement heading, is a requirement', () => {
    expect(
      outline(
        '# P',
        '## Functional requirements',
        '- Given a report, when exported, then a file',
        '- **Given** none, **When** exported, **Then** an error',
      ),
    ).toEqual([
      ['Given a report, when exported, then a file', 'gherkin'],
      ['Given none, When exported, Then an error', 'gherkin'],
    ])
  })

  it('in scenario blocks makes one requirement each, with outline examples, without the background', () => {
    const feature = [
      'Feature: Export',
      '',
      'Background:',
      '  Given a user',
      '',
      'Scenario: Full',
      '  Given a report',
      '  When exported',
      '  Then a file',
      '',
    ]
    const more = [
      'Scenario Outline: Many',
      '  Given <n> reports',
      '  When exported',
      '  Then <n> files',
      '',
      'Examples:',
      '| n |',
      '|---|',
      '| 2 |',
    ]
    expect(read('# P', ...feature, ...more)).toMatchObject([
      {
        text: 'Full',
        form: 'gherkin',
        criteria: [{ text: 'Full: Given a report, When exported, Then a file' }],
        lines: { start: 7, end: 10 },
      },
      { text: 'Many', form: 'gherkin', lines: { start: 12, end: 20 } },
    ])
  })

  it('steps without an outcome are no scenario', () => {
    expect(read('# P', 'Given a report', 'When exported', '', 'There was light.')).toEqual([])
  })
})

describe('scenarios in a Gherkin fence', () => {
  const fence = [
    '```gherkin',
    'Scenario: late',
    '  Given a parcel',
    '  When it is late',
    '  Then the clerk sees it',
    '```',
  ]

  it('are criteria of the requirement they stand in', () => {
    const [story, ...others] = extractRequirements(
      ['# P', '## FR-1: Parcels', '', 'The page lists parcels.', '', ...fence].join('\n'),
    ).requirements
    expect(others).toEqual([])
    expect(story?.criteria).toEqual([
      { text: 'late: Given a parcel, When it is late, Then the clerk sees it', lines: { start: 7, end: 10 } },
    ])
  })

  it('are requirements where they stand alone', () => {
    const { requirements } = extractRequirements(['# P', '## Behaviour', '', ...fence].join('\n'))
    expect(requirements.map(({ form, text, criteria }) => [form, text, criteria.length])).toEqual([
      ['gherkin', 'late', 1],
    ])
  })
})
