import { describe, expect, it } from 'vitest'
import { questions } from './reading.ts'

describe('open questions', () => {
  it('come from sections, tables and headings, without the settled ones', () => {
    const list = ['- Who pays?', '  Nobody knows.', '- ~~When?~~', '- [x] Where?', '- OQ-2: How?']
    expect(
      questions(
        '# P',
        '## Open Questions',
        ...list,
        '',
        '| # | Question | Owner |',
        '|--|--|--|',
        '| 1 | Why? | me |',
        '### Q3: Which?',
        'Some prose.',
      ),
    ).toEqual([
      { text: 'Who pays? Nobody knows.', lines: { start: 3, end: 4 }, section: ['P', 'Open Questions'] },
      { text: 'How?', lines: { start: 7, end: 7 }, section: ['P', 'Open Questions'] },
      { text: 'Why?', lines: { start: 11, end: 11 }, section: ['P', 'Open Questions'] },
      { text: 'Which?', lines: { start: 12, end: 13 }, section: ['P', 'Open Questions'] },
    ])
  })

  it('come from markers anywhere but code', () => {
    const lines = [
      'A limit of [NEEDS CLARIFICATION: how',
      'much?] applies. TBD: the unit. Owner: TBD',
      '- FR-1: keeps [NEEDS CLARIFICATION]',
      '- write `[NEEDS CLARIFICATION: x]` there',
      '```',
      'TBD: not this',
      '```',
    ]
    expect(
      questions('# P', '## Design', ...lines).map(({ text, lines: { start, end } }) => [text, start, end]),
    ).toEqual([
      ['how much?', 3, 4],
      ['the unit.', 4, 4],
      ['FR-1: keeps [NEEDS CLARIFICATION]', 5, 5],
    ])
  })
})
