import { describe, expect, it } from 'vitest'
import { read } from './reading.ts'

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
