import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { merge3 } from '../../src/documents/merge.ts'
import { getSection } from '../../src/documents/sections.ts'
import { normalizeText } from '../../src/documents/text.ts'
import { processorTime } from '../processor-time.ts'
import { runs } from '../property-runs.ts'
import { unrelatedTexts } from './sample.ts'

const prd = `# Checkout

## Requirements

The system supports 10 users. It keeps sessions for a day. Passwords are hashed.

- Sign in by e-mail
- Sign out everywhere
- Retry

## Contract

\`\`\`json
{
  "users": 10,
  "days": 1
}
\`\`\`

| Limit | Value |
| --- | --- |
| users | 10 |
| days | 1 |
`

function edit(text: string, ...pairs: readonly (readonly [old: string, put: string])[]): string {
  return pairs.reduce((edited, [old, put]) => {
    expect(edited.split(old)).toHaveLength(2)
    return edited.replace(old, () => put)
  }, text)
}

function merged(base: string, mine: string, theirs: string): string {
  const outcome = merge3(base, mine, theirs)
  if (outcome.kind === 'conflict') throw new Error(`conflict: ${JSON.stringify(outcome.conflicts)}`)
  return outcome.text
}

function conflicts(base: string, mine: string, theirs: string) {
  const outcome = merge3(base, mine, theirs)
  if (outcome.kind === 'merged') throw new Error(`merged: ${outcome.text}`)
  return outcome.conflicts
}

describe('three-way merge', () => {
  it('never blends two changes of one sentence', () => {
    const mine = edit(prd, ['supports 10 users', 'supports 20 users'])
    const theirs = edit(prd, ['supports 10 users', 'supports 500 named users'])
    expect(conflicts(prd, mine, theirs)).toEqual([
      {
        base: 'The system supports 10 users. It keeps sessions for a day. Passwords are hashed.',
        mine: 'The system supports 20 users. It keeps sessions for a day. Passwords are hashed.',
        theirs: 'The system supports 500 named users. It keeps sessions for a day. Passwords are hashed.',
        lines: { start: 5, end: 5 },
        section: 'Requirements',
      },
    ])
  })

  it.each([
    ['apart', 'Passwords are hashed.', 'Passwords are hashed with argon2id.'],
    ['next to each other', 'keeps sessions for a day', 'keeps sessions for a week'],
  ])('merges changes of two sentences of one line, %s', (_name, old, put) => {
    const mine = edit(prd, ['supports 10 users', 'supports 20 users'])
    const theirs = edit(prd, [old, put])
    expect(merged(prd, mine, theirs)).toBe(edit(mine, [old, put]))
  })

  it('merges changes of neighbouring list items and table rows', () => {
    const mine = edit(prd, ['by e-mail', 'by passkey'], ['| users | 10 |', '| users | 20 |'])
    const theirs = edit(prd, ['- Sign out everywhere\n', '- Sign out here\n'], ['| days | 1 |', '| days | 7 |'])
    expect(merged(prd, mine, theirs)).toBe(edit(mine, ['everywhere', 'here'], ['| days | 1 |', '| days | 7 |']))
  })

  it('refuses a line deleted by one and changed by the other', () => {
    const [conflict] = conflicts(prd, edit(prd, ['- Retry\n', '- Retry with backoff\n']), edit(prd, ['- Retry\n', '']))
    expect(conflict).toMatchObject({
      base: '- Retry',
      mine: '- Retry with backoff',
      theirs: '',
      lines: { start: 9, end: 8 },
    })
  })

  it('keeps both items added at the end of one list, the current one first', () => {
    const mine = edit(prd, ['- Retry\n', '- Retry\n- Mine\n'])
    const theirs = edit(prd, ['- Retry\n', '- Retry\n- Theirs\n'])
    expect(merged(prd, mine, theirs)).toBe(edit(prd, ['- Retry\n', '- Retry\n- Theirs\n- Mine\n']))
  })

  it('keeps both paragraphs and both sentences added at one place', () => {
    const add = (text: string): string => edit(prd, ['## Contract', `${text}\n\n## Contract`])
    expect(merged(prd, add('Mine.'), add('Theirs.'))).toBe(add('Theirs.\n\nMine.'))
    const append = (text: string): string => edit(prd, ['are hashed.', `are hashed. ${text}`])
    expect(merged(prd, append('Mine.'), append('Theirs.'))).toBe(append('Theirs. Mine.'))
    expect(merged('A\n', 'A\n\nMine.\n', 'A\n\nTheirs.\n')).toBe('A\n\nTheirs.\n\nMine.\n')
  })

  it('does not put an added list item under a heading added behind it', () => {
    const outcome = merge3('# T\n\n- a\n', '# T\n\n- a\n- mine\n', '# T\n\n- a\n\n## New\n\nText.\n')
    expect(outcome.kind).toBe('conflict')
    expect(merged('- a\n\n## B\n', '- a\n- mine\n\n## B\n', '- a\n\n## New\n\nText.\n\n## B\n')).toBe(
      '- a\n- mine\n\n## New\n\nText.\n\n## B\n',
    )
  })

  it('refuses two versions of one added section', () => {
    const add = (text: string): string => `${prd}\n## Risks\n\n${text}\n`
    expect(conflicts(prd, add('Mine.'), add('Theirs.'))).toHaveLength(1)
    expect(merged(prd, add('Same.'), add('Same.'))).toBe(add('Same.'))
  })

  it('refuses two texts written into an empty one', () => {
    expect(conflicts('', '# Mine\n', '# Theirs\n')).toHaveLength(1)
  })

  it('refuses what one adds behind what the other cuts', () => {
    const base = '# T\n\n## A\n\n- one\n- two\n\n## B\n'
    expect(
      conflicts(base, edit(base, ['- two\n', '- two\n- three\n']), edit(base, ['- one\n- two\n', ''])),
    ).toHaveLength(1)
  })

  it('treats a fenced block as one thing and reports it whole', () => {
    const mine = edit(prd, ['"users": 10', '"users": 20'])
    const theirs = edit(prd, ['"days": 1', '"days": 7'])
    const [conflict] = conflicts(prd, mine, theirs)
    expect(conflict?.mine).toBe('```json\n{\n  "users": 20,\n  "days": 1\n}\n```')
    expect(conflict?.theirs).toBe('```json\n{\n  "users": 10,\n  "days": 7\n}\n```')
    expect(conflict).toMatchObject({ lines: { start: 13, end: 18 }, section: 'Contract' })
    expect(merged(prd, mine, edit(prd, ['| days | 1 |', '| days | 7 |']))).toBe(
      edit(mine, ['| days | 1 |', '| days | 7 |']),
    )
  })

  it('treats a table row as one thing', () => {
    const mine = edit(prd, ['| users | 10 |', '| users | 20 |'])
    expect(conflicts(prd, mine, edit(prd, ['| users | 10 |', '| named. Users | 10 |']))).toHaveLength(1)
  })

  it('treats a sentence wrapped over lines as one thing', () => {
    const base =
      'The system shall support a number of at most 10\nconcurrent users in one workspace. It shall log\nevery one of them.\n'
    const mine = edit(base, ['at most 10', 'at most 20'])
    expect(conflicts(base, mine, edit(base, ['concurrent users', 'named people']))).toHaveLength(1)
    expect(merged(base, mine, edit(base, ['every one of', 'all of']))).toBe(edit(mine, ['every one of', 'all of']))
  })

  it('does not take a number behind an abbreviation for a sentence of its own', () => {
    const base = 'It serves approx. 10 Users a day. Fast.\n'
    expect(conflicts(base, edit(base, ['10', '20']), edit(base, ['approx.', 'max.']))).toHaveLength(1)
  })

  it('merges nothing where one place conflicts, and returns every conflict', () => {
    const mine = edit(
      prd,
      ['supports 10 users', 'supports 20 users'],
      ['by e-mail', 'by passkey'],
      ['- Retry', '- Retry once'],
    )
    const theirs = edit(
      prd,
      ['supports 10 users', 'supports 9 users'],
      ['everywhere', 'here'],
      ['- Retry', '- Retry twice'],
    )
    const found = conflicts(prd, mine, theirs)
    expect(found.map((conflict) => conflict.lines)).toEqual([
      { start: 5, end: 5 },
      { start: 8, end: 9 },
    ])
    expect(found[1]).toMatchObject({
      base: '- Sign out everywhere\n- Retry',
      mine: '- Sign out everywhere\n- Retry once',
      theirs: '- Sign out here\n- Retry twice',
    })
  })

  it('names a section that can be read and edited by that name', () => {
    const base = '# T\n\n## A\n\n### Login\n\nOne.\n\n## B\n\n### Login\n\nTwo.\n'
    const theirs = edit(base, ['Two.', 'Theirs.'])
    const [conflict] = conflicts(base, edit(base, ['Two.', 'Mine.']), theirs)
    expect(conflict?.section).toBe('B > Login')
    expect(getSection(theirs, conflict?.section ?? '')).toBe('### Login\n\nTheirs.\n')
  })

  it('takes texts with CRLF, a byte order mark or no line end', () => {
    const mine = edit(prd, ['supports 10 users', 'supports 20 users'])
    const theirs = edit(prd, ['- Retry\n', '- Retry once\n'])
    const windows = (text: string): string => `\uFEFF${text.replaceAll('\n', '\r\n')}`
    expect(merged(windows(prd), mine.trimEnd(), windows(theirs))).toBe(edit(mine, ['- Retry\n', '- Retry once\n']))
  })
})

const line = fc.constantFrom(
  '',
  'Short',
  '- item',
  '- other',
  '## H',
  '### H',
  'One. Two.',
  'One. Two. Three.',
  '| a | b |',
  '```',
  '> q',
  'A longer line that has been wrapped at some point',
  'and goes on here',
)
const anyText = fc.array(line, { maxLength: 25 }).map((lines) => normalizeText(lines.join('\n')))

/** A text and two edits of it, each a few lines put in, changed or taken out; lines put in carry a mark of their side. */
const anyEdits = fc
  .tuple(
    anyText,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('insert', 'change', 'delete'), fc.boolean(), line), { maxLength: 6 }),
  )
  .map(([base, steps]) => {
    const apply = (side: boolean): { text: string; put: string[] } => {
      const lines = base.split('\n')
      const put: string[] = []
      for (const [index, [at, what, who, content]] of steps.entries()) {
        if (who !== side) continue
        const mark = `${content} <${side ? 'mine' : 'theirs'}-${index}>`
        const position = at % lines.length
        lines.splice(position, what === 'insert' ? 0 : 1, ...(what === 'delete' ? [] : [mark]))
        put.push(mark)
      }
      const text = normalizeText(lines.join('\n'))
      return { text, put: put.filter((mark) => text.split('\n').includes(mark)) }
    }
    return { base, mine: apply(true), theirs: apply(false) }
  })

describe('three-way merge of any texts', () => {
  it('with one side unchanged is the other side', () => {
    fc.assert(
      fc.property(anyText, anyText, (base, other) => {
        expect(merge3(base, other, base)).toEqual({ kind: 'merged', text: other })
        expect(merge3(base, base, other)).toEqual({ kind: 'merged', text: other })
      }),
    )
  })

  it('with the same change on both sides is that change', () => {
    fc.assert(
      fc.property(anyText, anyText, (base, other) => {
        expect(merge3(base, other, other)).toEqual({ kind: 'merged', text: other })
      }),
    )
  })

  it('holds every line either side put in', () => {
    let clean = 0
    fc.assert(
      fc.property(anyEdits, ({ base, mine, theirs }) => {
        const outcome = merge3(base, mine.text, theirs.text)
        if (outcome.kind === 'conflict') return
        clean++
        const lines = outcome.text.split('\n')
        expect(lines).toEqual(expect.arrayContaining([...mine.put, ...theirs.put]))
      }),
      { numRuns: runs(3000) },
    )
    expect(clean).toBeGreaterThan(runs(3000) / 3)
  })

  it('holds nothing but sentences one of the three texts has', () => {
    const sentences = (text: string): string[] => text.split(/(?<=[.!?])\s+|\n/)
    fc.assert(
      fc.property(anyText, anyText, anyText, (base, mine, theirs) => {
        const outcome = merge3(base, mine, theirs)
        fc.pre(outcome.kind === 'merged')
        const known = new Set([base, mine, theirs].flatMap(sentences))
        expect(sentences(outcome.text).filter((sentence) => !known.has(sentence))).toEqual([])
      }),
    )
  })

  it('reports conflicts with what the three texts have there', () => {
    fc.assert(
      fc.property(anyEdits, ({ base, mine, theirs }) => {
        const outcome = merge3(base, mine.text, theirs.text)
        fc.pre(outcome.kind === 'conflict')
        for (const conflict of outcome.conflicts) {
          const { start, end } = conflict.lines
          expect(
            theirs.text
              .split('\n')
              .slice(start - 1, end)
              .join('\n'),
          ).toBe(conflict.theirs)
          expect(base).toContain(conflict.base)
          expect(mine.text).toContain(conflict.mine)
          expect(conflict.mine).not.toBe(conflict.theirs)
        }
      }),
    )
  })

  it('merges changes of different lines, with both in place', () => {
    const changes = fc.uniqueArray(fc.nat(99), { minLength: 2, maxLength: 30 })
    fc.assert(
      fc.property(changes, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (places, sides) => {
        const base = Array.from({ length: 100 }, (_, index) => (index % 9 === 0 ? '' : `- Item ${index} of the list`))
        const change = (keep: (index: number) => boolean): string =>
          base
            .map((text, at) => (places.includes(at) && keep(places.indexOf(at)) ? `- Changed ${at}` : text))
            .join('\n')
        const mine = change((index) => sides[index] === true)
        const theirs = change((index) => sides[index] === false)
        expect(merged(base.join('\n'), mine, theirs)).toBe(normalizeText(change(() => true)))
      }),
    )
  })

  it('is the same whatever the line ends', () => {
    fc.assert(
      fc.property(anyEdits, ({ base, mine, theirs }) => {
        const windows = (text: string): string => text.replaceAll('\n', '\r\n')
        expect(merge3(windows(base), windows(mine.text), theirs.text)).toEqual(merge3(base, mine.text, theirs.text))
      }),
    )
  })

  it.each(unrelatedTexts)('ends soon for three unrelated texts of 1 MB (%s)', (_name, mine, theirs) => {
    const third = unrelatedTexts.find((pair) => pair[1] !== mine)?.[1] ?? ''
    for (const [a, b, c] of [
      [third, mine, theirs],
      [mine, theirs, third],
      ['', mine, theirs],
    ] as const) {
      const { value, ms } = processorTime(() => merge3(a, b, c))
      expect(value.kind).toBe('conflict')
      expect(ms).toBeLessThan(10_000)
    }
  })
})
