import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Extraction } from '../../../schemas/requirement.ts'
import { extractRequirements } from '../../../src/domain/requirement/extract.ts'

function read(...lines: readonly string[]) {
  return extractRequirements(lines.join('\n')).requirements
}

/** Label or text, with the form: enough to see what was recognised as what. */
function outline(...lines: readonly string[]) {
  return read(...lines).map((requirement) => [requirement.label ?? requirement.text, requirement.form])
}

function questions(...lines: readonly string[]) {
  return extractRequirements(lines.join('\n')).questions
}

describe('explicit ids', () => {
  it.each([
    ['a list item', '- FR-001: The export has a header', 'FR-001'],
    ['a bold prefix', '- **REQ-12**: The export has a header', 'REQ-12'],
    ['a bold prefix with the colon inside', '- **NFR-3:** The export has a header', 'NFR-3'],
    ['a dotted id', 'R1.2 - The export has a header', 'R1.2'],
    ['a numbered item', '1. US-4 The export has a header', 'US-4'],
    ['brackets', '- [FR-7] The export has a header', 'FR-7'],
    ['code', '- `FR-7`: The export has a header', 'FR-7'],
    ['a compound id', '- FR-AUTH-012 (P1): The export has a header', 'FR-AUTH-012'],
    ['a checklist', '- [ ] FR-7: The export has a header', 'FR-7'],
    ['a paragraph', '**FR-8** — The export has a header', 'FR-8'],
    ['a heading', '### FR-9: The export has a header', 'FR-9'],
    ['a numbered heading', '### 3.1 FR-9 The export has a header', 'FR-9'],
    ['a heading with a noun', '### Requirement FR-9: The export has a header', 'FR-9'],
  ])('are read from %s', (_, line, label) => {
    expect(read('# Product', '', '## Design', '', line)).toMatchObject([
      { label, form: 'explicit_id', text: 'The export has a header', lines: { start: 5, end: 5 } },
    ])
  })

  it('are read from table cells, with title and criteria columns', () => {
    const table = [
      '| Ref | Name | Description | Acceptance criteria |',
      '|:--|---|---|--:|',
      '| **FR-1** | Export | Writes a file | a<br>b |',
    ]
    expect(read('# Product', ...table)).toMatchObject([
      {
        label: 'FR-1',
        text: 'Export: Writes a file',
        lines: { start: 4, end: 4 },
        criteria: [{ text: 'a' }, { text: 'b' }],
      },
    ])
  })

  it('are not taken where they are only mentioned', () => {
    const mentions = [
      '- FR-1, FR-2: done',
      '- FR-1 covers most of it',
      '- FR-1–FR-4: see above',
      'See FR-3: it says more',
      '- RFC-2119: key words',
    ]
    expect(
      read('# Product', '## Design', ...mentions, '', '| Requirement | Test |', '|--|--|', '| FR-1 | T-1 |'),
    ).toEqual([])
  })

  it('in lines of one paragraph make one requirement each', () => {
    expect(outline('# P', '## Design', '**FR-1**: a thing', 'that goes on', '**FR-2**: another')).toEqual([
      ['FR-1', 'explicit_id'],
      ['FR-2', 'explicit_id'],
    ])
  })

  it('of any family count under a requirement heading', () => {
    expect(outline('# P', '## Requirements', '- BILL-07: invoices have a number', '- PERF_2: fast')).toEqual([
      ['BILL-07', 'explicit_id'],
      ['PERF_2', 'explicit_id'],
    ])
  })

  it('with sub-ids nested make separate requirements', () => {
    expect(
      read('# P', '- **R1**: Reports', '  - **R1.1**: as CSV', '  - **R1.2**: as PDF', '    - with a title page'),
    ).toMatchObject([
      { label: 'R1', criteria: [] },
      { label: 'R1.1', criteria: [] },
      { label: 'R1.2', criteria: [{ text: 'with a title page' }] },
    ])
  })

  it('that stand in an overview and in a heading make one requirement; twice in lists they stay two', () => {
    const overview = [
      '# P',
      '## Overview',
      '| ID | Requirement | Acceptance |',
      '|--|--|--|',
      '| FR-1 | Export | a file |',
    ]
    expect(read(...overview, '## FR-1: Export', 'Writes a file.')).toMatchObject([
      { label: 'FR-1', text: 'Export: Writes a file.', lines: { start: 6, end: 7 }, criteria: [{ text: 'a file' }] },
    ])
    expect(read('# P', '- FR-1: Export', '- FR-1: Import')).toHaveLength(2)
  })

  it('left as the template had them make nothing', () => {
    expect(
      read('# P', '## Requirements', '- **FR-001**: [what it must do]', '- **FR-002**:', '- TBD', '- N/A'),
    ).toEqual([])
  })

  it('struck out make nothing', () => {
    expect(read('# P', '## Requirements', '- ~~**FR-001**: old~~', '- ~~gone~~')).toEqual([])
  })
})

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

describe('user stories', () => {
  it('read wrapped and emphasised, with criteria behind them', () => {
    expect(
      read(
        '# P',
        '## Needs',
        '**As a** clerk',
        '**I want** exports',
        '**so that** I can leave',
        '',
        'Acceptance criteria:',
        '',
        '- [ ] a file',
        '- [x] a log',
      ),
    ).toMatchObject([
      {
        form: 'user_story',
        text: 'As a clerk I want exports so that I can leave',
        lines: { start: 3, end: 10 },
        criteria: [{ text: 'a file', lines: { start: 9, end: 9 } }, { text: 'a log' }],
      },
    ])
  })

  it('take the acceptance section of a document with a single story', () => {
    expect(
      read('# P', '## User story', 'As a clerk, I want exports.', '## Acceptance criteria', '1. a file', '2. a log'),
    ).toMatchObject([{ form: 'user_story', criteria: [{ text: 'a file' }, { text: 'a log' }] }])
  })
})

describe('EARS sentences', () => {
  it('are found one by one in prose, over line breaks, with their own lines', () => {
    expect(
      read('# P', 'It is old. The pump shall stop', 'when empty. When hot, the fan shall', 'run. Nice.'),
    ).toMatchObject([
      { form: 'ears', text: 'The pump shall stop when empty.', lines: { start: 2, end: 3 } },
      { form: 'ears', text: 'When hot, the fan shall run.', lines: { start: 3, end: 4 } },
    ])
  })

  it('take the list they introduce as criteria', () => {
    expect(read('# P', 'The importer must:', '', '- skip duplicates', '- log each')).toMatchObject([
      { text: 'The importer must', criteria: [{ text: 'skip duplicates' }, { text: 'log each' }] },
    ])
  })

  it('are not seen in questions, wording rules or guesses', () => {
    expect(
      read(
        '# P',
        'When must the pump stop? The key words MUST and SHALL follow RFC 2119. It must have been rain. This must be a joke.',
      ),
    ).toEqual([])
  })
})

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

describe('sections', () => {
  it('are the headings above, outermost first', () => {
    expect(
      read('# P', '## Requirements', '### **Export**', '- one', '### FR-2: Two').map(
        (requirement) => requirement.section,
      ),
    ).toEqual([
      ['P', 'Requirements', 'Export'],
      ['P', 'Requirements'],
    ])
  })

  it('give prose under a sub-heading to that heading', () => {
    expect(
      read('# P', '## Requirements', '### 1. Export', 'Writes a file.', '', 'It is small.', '### Import', 'Reads one.'),
    ).toMatchObject([
      { form: 'numbered', text: 'Export: Writes a file.', lines: { start: 3, end: 6 } },
      { form: 'bullet', text: 'Import: Reads one.' },
    ])
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

describe('what is no requirement', () => {
  const requirement = '- **FR-9**: The export shall work'

  it.each([
    ['a backtick fence', ['```md', requirement, '```']],
    ['a tilde fence with backticks inside', ['~~~', '```', requirement, '~~~']],
    ['an unclosed fence', ['```', requirement]],
    ['a fence in a list item', ['- see', '  ```', `  ${requirement}`, '  ```']],
    ['indented code', ['', `    ${requirement}`]],
    ['a quote', [`> ${requirement}`]],
    ['the lazy end of a quote', ['> They said', 'the export shall work.']],
    ['a quote in an item', ['- see', `  > ${requirement}`]],
    ['a comment', ['<!--', requirement, '-->']],
    ['a comment in one line', [`<!-- ${requirement} -->`]],
    ['an unclosed comment', ['<!-- note', requirement]],
    ['preformatted HTML', ['<pre>', requirement, '</pre>']],
  ])('%s', (_, lines) => {
    expect(read('# P', '## Design', ...lines)).toEqual([])
  })

  it('ends with the fence, the quote and the comment', () => {
    const lines = [
      '````',
      '```',
      requirement,
      '````',
      '- FR-1: a',
      '> quote',
      '',
      '- FR-2: b',
      '<!-- x',
      '--> ',
      '- FR-3: c <!-- not this -->',
      '- FR-4: `<!--` d',
    ]
    expect(read('# P', ...lines).map(({ label, text }) => [label, text])).toEqual([
      ['FR-1', 'a'],
      ['FR-2', 'b'],
      ['FR-3', 'c'],
      ['FR-4', '`<!--` d'],
    ])
  })
})

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

describe('front matter', () => {
  it('is read with quotes and counts its lines', () => {
    const extraction = extractRequirements(
      '---\r\ntitle: "A: \\"b\\""\r\nrepositories: [\'x\', "y"]\r\n---\r\n# T\r\n- FR-1: a\r\n',
    )
    expect(extraction).toMatchObject({
      title: 'T',
      frontMatter: { title: 'A: "b"', repositories: ['x', 'y'] },
      requirements: [{ lines: { start: 6, end: 6 } }],
    })
  })

  it.each([
    ['broken', 'a: [1'],
    ['a list', '- a'],
    ['cyclic', 'a: &x\n  b: *x'],
    ['a bare text', 'hello'],
    ['empty', ''],
  ])('that is %s counts as empty', (_, yaml) => {
    expect(extractRequirements(`---\n${yaml}\n---\n- FR-1: a`)).toMatchObject({
      frontMatter: {},
      requirements: [{ label: 'FR-1' }],
    })
  })

  it('is not seen where a line of dashes is only a line', () => {
    expect(extractRequirements('---\n# P\n- FR-1: a')).toMatchObject({
      frontMatter: {},
      title: 'P',
      requirements: [{ lines: { start: 3 } }],
    })
  })
})

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
      { numRuns: 2000 },
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
    const start = performance.now()
    extractRequirements(text)
    // Generous for a busy machine; quadratic work on a megabyte takes minutes.
    expect(performance.now() - start).toBeLessThan(20_000)
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
