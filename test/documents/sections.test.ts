import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getSection, listSections, replaceSection } from '../../src/documents/sections.ts'
import { normalizeText } from '../../src/documents/text.ts'
import { runs } from '../property-runs.ts'

const prd = `# Checkout

Intro.

## Requirements

Text.

### Login

Users sign in.

#### Limits

- 10 users

### Logout

Users sign out.

## Risks

### Login

Passwords leak.
`
const ids = (text: string): string[] => listSections(text).map((section) => section.id)

describe('sections of a text', () => {
  it('have slug paths below the title, levels and lines', () => {
    expect(listSections(prd)).toEqual([
      { id: 'checkout', title: 'Checkout', level: 1, lines: { start: 1, end: 25 } },
      { id: 'requirements', title: 'Requirements', level: 2, lines: { start: 5, end: 20 } },
      { id: 'requirements/login', title: 'Login', level: 3, lines: { start: 9, end: 16 } },
      { id: 'requirements/login/limits', title: 'Limits', level: 4, lines: { start: 13, end: 16 } },
      { id: 'requirements/logout', title: 'Logout', level: 3, lines: { start: 17, end: 20 } },
      { id: 'risks', title: 'Risks', level: 2, lines: { start: 21, end: 25 } },
      { id: 'risks/login', title: 'Login', level: 3, lines: { start: 23, end: 25 } },
    ])
  })

  it('have different ids where titles repeat', () => {
    expect(ids('## A\n## A\n## A-2\n## A\n### B\n## !\n')).toEqual(['a', 'a-2', 'a-2-2', 'a-3', 'a-3/b', 'section'])
  })

  it('keep level-1 headings in paths where the text has several', () => {
    expect(ids('# Goals\n## Speed\n# Requirements\n## Login\n')).toEqual([
      'goals',
      'goals/speed',
      'requirements',
      'requirements/login',
    ])
  })

  it('have ids in any script', () => {
    expect(ids('## Überblick & Ziele\n## ログイン 要件\n## `code` **bold**\n')).toEqual([
      'überblick-ziele',
      'ログイン-要件',
      'code-bold',
    ])
  })

  it('are found in texts with underlined and closed headings', () => {
    expect(
      ids('Title\n=====\n\nGoals\nand more\n---\n\n## Closed ##\n\n* * *\n\n- item\n---\n> quote\nlazy\n---\n'),
    ).toEqual(['title', 'goals-and-more', 'closed'])
  })

  it.each([
    ['a fence', '## A\n```sh\n# no\n```\n## B\n'],
    ['a tilde fence that holds backticks', '## A\n~~~\n```\n# no\n~~~\n## B\n'],
    ['a longer fence', '## A\n````\n```\n# no\n````\n## B\n'],
    ['a fence in a list item', '## A\n- x\n  ```\n# left\n  ```\n', ['a', 'left']],
    ['a fence on the line of a list item', '## A\n- ```\n  # no\n  ```\n## B\n'],
    ['indented code', '## A\n\n    # no\n\n## B\n'],
    ['an HTML comment', '## A\n<!--\n# no\n-->\n## B\n'],
    ['a comment of one line', '## A\n<!-- # no -->\n## B\n'],
    ['raw HTML', '## A\n<pre>\n# no\n</pre>\n## B\n'],
    ['a quote', '## A\n> # no\n\n## B\n'],
    ['a list item', '## A\n- # no\n\n  # no\n\n## B\n'],
    ['front matter', '---\ntitle: x\n# no\n---\n## A\n## B\n'],
    ['words', '## A\n#no\n####### no\n## B\n'],
  ])('are not opened by headings inside %s', (_name, text, expected = ['a', 'b']) => {
    expect(ids(text)).toEqual(expected)
  })

  it('hold every line after the first heading', () => {
    expect(listSections('no heading at all\n')).toEqual([])
    expect(listSections('')).toEqual([])
  })
})

describe('getting a section', () => {
  it('takes its id, its title, or the end of its path', () => {
    const limits = '#### Limits\n\n- 10 users\n'
    for (const name of [
      'requirements/login/limits',
      'Limits',
      '#### limits',
      'login/limits',
      'Requirements > Login > Limits',
    ]) {
      expect(getSection(prd, name)).toBe(limits)
    }
    expect(getSection(prd.replaceAll('\n', '\r\n'), 'limits')).toBe(limits)
    expect(getSection(prd, 'Checkout')).toBe(prd)
  })

  it('refuses a title that several sections have', () => {
    expect(() => getSection(prd, 'Login')).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: expect.stringContaining('requirements/login (line 9), risks/login (line 23)'),
      }),
    )
  })

  it('names the nearest ids where none fits', () => {
    expect(() => getSection(prd, 'requirments/log-in')).toThrow(
      expect.objectContaining({ code: 'not_found', message: expect.stringMatching(/Nearest: requirements\/log/) }),
    )
    expect(() => getSection('plain', 'x')).toThrow(
      expect.objectContaining({ code: 'not_found', message: expect.stringContaining('no headings') }),
    )
  })
})

describe('replacing a section', () => {
  it('takes its subsections with it and keeps the heading where the new text has none', () => {
    expect(replaceSection(prd, 'requirements/login', 'Single sign-on only.')).toBe(
      prd.replace('Users sign in.\n\n#### Limits\n\n- 10 users', 'Single sign-on only.'),
    )
  })

  it('takes the heading of the new text, also a new title', () => {
    expect(replaceSection(prd, 'risks', '## Dangers\n\nNone.\n')).toBe(
      `${prd.slice(0, prd.indexOf('## Risks'))}## Dangers\n\nNone.\n`,
    )
  })

  it('keeps the heading where the new text starts with a subsection', () => {
    expect(replaceSection(prd, 'risks', '### Cost\n\nHigh.')).toBe(
      `${prd.slice(0, prd.indexOf('### Login\n\nPass'))}### Cost\n\nHigh.\n`,
    )
  })

  it('keeps the level of a heading that comes back at another', () => {
    const wanted = replaceSection(prd, 'requirements/logout', 'Never.')
    expect(replaceSection(prd, 'requirements/logout', '# Logout\n\nNever.')).toBe(wanted)
    expect(replaceSection(prd, 'requirements/logout', '##### Logout\nNever.')).toBe(wanted)
  })

  it('refuses text that would reach beyond the section', () => {
    for (const body of ['Text.\n\n# Other\n', '# Other\n\nText.', '```\nopen', '<!-- open']) {
      expect(() => replaceSection(prd, 'requirements/logout', body)).toThrow(
        expect.objectContaining({ code: 'invalid_input' }),
      )
    }
    expect(replaceSection(prd, 'risks/login', '```\nopen')).toMatch(/open\n$/)
  })

  it('keeps an underlined heading behind it a heading', () => {
    const text = 'One\n---\n```\ncode\n```\nTwo\n---\n'
    expect(ids(text)).toEqual(['one', 'two'])
    expect(ids(replaceSection(text, 'one', 'words'))).toEqual(['one', 'two'])
  })

  it('empties a section and fills an empty one', () => {
    expect(replaceSection('## A\n\nx\n\n## B\n', 'a', '')).toBe('## A\n\n## B\n')
    expect(replaceSection('## A\n## B\n', 'a', 'x')).toBe('## A\n\nx\n## B\n')
    expect(replaceSection('## A', 'a', 'x')).toBe('## A\n\nx\n')
  })

  const line = fc.constantFrom(
    '# T',
    '## A',
    '## B',
    '### C',
    'text',
    '- item',
    '',
    '```',
    '    code',
    '> q',
    '---',
    '<!-- x',
    '-->',
    '| a |',
  )
  const anyText = fc.array(line, { maxLength: 30 }).map((lines) => normalizeText(lines.join('\r\n')))

  it('keeps every line outside the section', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, pick) => {
        const sections = listSections(text)
        const section = sections[pick % Math.max(1, sections.length)]
        fc.pre(section !== undefined)
        const lines = text.slice(0, -1).split('\n')
        const result = replaceSection(text, section.id, 'new words').slice(0, -1).split('\n')
        const before = lines.slice(0, section.lines.start)
        const after = lines.slice(section.lines.end)
        expect(result.slice(0, before.length)).toEqual(before)
        expect(result.slice(result.length - after.length)).toEqual(after)
        expect(result.slice(before.length, result.length - after.length).filter((entry) => entry !== '')).toContain(
          'new words',
        )
      }),
      { numRuns: runs(1000) },
    )
  })

  it('with its own text changes nothing', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, pick) => {
        const sections = listSections(text)
        const section = sections[pick % Math.max(1, sections.length)]
        fc.pre(section !== undefined && !text.includes('```') && !text.includes('<!--'))
        expect(replaceSection(text, section.id, getSection(text, section.id))).toBe(text)
      }),
      { numRuns: runs(1000) },
    )
  })
})
