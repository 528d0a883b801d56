import { describe, expect, it } from 'vitest'
import { outline, read } from './reading.ts'

describe('lists, checklists and tables under requirement headings', () => {
  it('make requirements in their form', () => {
    expect(
      outline(
        '# P',
        '## Requirements',
        '1. one',
        '2. two',
        '',
        '- [ ] three',
        '',
        '* four',
        '',
        '| # | Requirement |',
        '|--|--|',
        '| 1 | five |',
      ),
    ).toEqual([
      ['one', 'numbered'],
      ['two', 'numbered'],
      ['three', 'checklist'],
      ['four', 'bullet'],
      ['five', 'table'],
    ])
  })

  it.each([
    'Functional requirements',
    '2. Non-Functional Requirements',
    'User stories',
    'Acceptance criteria',
    'Success Criteria *(mandatory)*',
    '✅ Key features',
    'Must have',
    'Requirements (draft)',
    'Definition of done',
  ])('are taken under "%s"', (heading) => {
    expect(read('# P', `## ${heading}`, '- one thing', '- another')).toHaveLength(2)
  })

  it.each([
    'Non-goals',
    'Out of scope',
    'Requirements out of scope',
    'Assumptions',
    'Assumptions and constraints',
    'Open questions',
    'Glossary',
    'Won’t have',
    'Future work',
    'Risks',
    'Key entities',
    'Goals',
    'Timeline',
    'Tasks',
    'Non-requirements',
  ])('are not taken under "%s"', (heading) => {
    expect(read('# P', '## Requirements', `### ${heading}`, '- one thing', '- [ ] another')).toEqual([])
  })

  it('are not taken under the title of a requirements document', () => {
    expect(read('# Requirements document', '- Author: me', '## Notes', '- a thing')).toEqual([])
  })

  it('keep multi-level numbers as labels', () => {
    expect(outline('# P', '## Requirements', '1.1 Export as CSV', '1.2 Export as PDF')).toEqual([
      ['1.1', 'numbered'],
      ['1.2', 'numbered'],
    ])
  })

  it('keep wrapped lines together and nested items as criteria', () => {
    expect(
      read('# P', '## Requirements', '1. first', '   goes on', 'and on', '  - nested', '    deeper', '2. second'),
    ).toMatchObject([
      {
        text: 'first goes on and on',
        lines: { start: 3, end: 7 },
        criteria: [{ text: 'nested deeper', lines: { start: 6, end: 7 } }],
      },
      { text: 'second', lines: { start: 8, end: 8 } },
    ])
  })

  it('group under a bold line or a short label, and stop at an exclusion', () => {
    expect(
      outline(
        '# P',
        '## Requirements',
        '**Export**',
        '- one',
        '**Out of scope**',
        '- two',
        '',
        '**Import**',
        '- Security:',
        '  - three',
        '  - four',
      ),
    ).toEqual([
      ['one', 'bullet'],
      ['three', 'bullet'],
      ['four', 'bullet'],
    ])
  })
})

describe('habits of real documents', () => {
  it('number their sections and not their heading levels', () => {
    expect(
      read('# P', '## 4. Functional requirements', '## 4.1 Export', '- a file', '## 5. Team', '- me').map(
        ({ text, section }) => [text, section],
      ),
    ).toEqual([['a file', ['P', '4. Functional requirements', '4.1 Export']]])
  })

  it('list description, requirements and priority under an id', () => {
    const fields = [
      '- **Description**: Sorts mail',
      '- **Requirements**:',
      '  - seven folders',
      '  - rules',
      '- **Priority**: high',
      '- **Success criteria**: 95 % right',
    ]
    expect(read('# P', '#### FR-001: Sorter', ...fields)).toMatchObject([
      {
        label: 'FR-001',
        text: 'Sorter: Sorts mail',
        lines: { start: 2, end: 8 },
        criteria: [{ text: 'seven folders' }, { text: 'rules' }, { text: '95 % right' }],
      },
    ])
  })

  it('name a requirement in one column and detail it in the next', () => {
    expect(
      read('# P', '| # | Requirement | Detail |', '|--|--|--|', '| NFR1 | **Scale** | 11,526 files |'),
    ).toMatchObject([{ label: 'NFR1', text: 'Scale: 11,526 files' }])
  })

  it('speak of requirements, features and checks where they list none', () => {
    const lists = [
      'Feature overview',
      'Requirements generator',
      '4. Verification',
      'Integration tests',
      'Example: right and wrong',
    ].flatMap((heading) => [`## ${heading}`, '- one', '- [ ] 4.1 Two', ''])
    expect(
      read(
        '# P',
        ...lists,
        '## Testing strategy',
        '**Acceptance criteria**:',
        '- three',
        '## Capabilities',
        '- (none)',
      ),
    ).toEqual([])
  })
})
