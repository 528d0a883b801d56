import { describe, expect, it } from 'vitest'
import { outline, read } from './reading.ts'

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
