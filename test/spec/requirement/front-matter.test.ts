import { describe, expect, it } from 'vitest'
import { listSections } from '../../../src/documents/sections.ts'
import { markdown } from '../../../src/exchange/formats/markdown.ts'
import { checkText } from '../../../src/spec/check/check-text.ts'
import { extractRequirements } from '../../../src/spec/requirement/extract.ts'

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
    ['cyclic', 'a: &x\n  b: *x'],
    ['with a field twice', 'a: 1\na: 2'],
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

  const text = '# Search\n\nFR-1: The api SHALL find invoices by number.'
  const more = '## More\n\nFR-2: The api SHALL find invoices by customer.\n'
  it.each([
    ['prose', `---\n\n${text}\n\n---\n\n${more}`],
    ['a heading', `---\n${text}\n---\n\n${more}`],
    ['a list', `---\n- FR-1: The api SHALL find invoices.\n- Note: fast\n---\n${more}`],
    ['requirements that read as fields', `---\nFR-1: The api SHALL find invoices.\n---\n${more}`],
    ['prose with a colon', `---\n\nNote: what follows binds.\nFR-1: The api SHALL find invoices.\n\n---\n${more}`],
    ['a sentence with a colon', `---\nNote: see this: FR-1 is first.\n\nFR-1: The api SHALL find it.\n\n---\n${more}`],
    ['a heading and a field', `---\n# Search\nNote: this\n\nFR-1: The api SHALL find it.\n\n---\n${more}`],
    ['an underlined heading', `---\n\nSearch\n---\n\nFR-1: The api SHALL find it.\n\n---\n${more}`],
    ['lines that end as on Windows', `---\n\n${text}\n\n---\n\n${more}`.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF---\n\n${text}\n\n---\n\n${more}`],
    ['dots at its end', `---\n\n${text}\n\n...\n\n${more}`],
    ['nothing that closes it', `---\n\n${text}\n\n${more}`],
    ['a field and nothing that closes it', `---\ntitle: Search\n\n${text}\n\n${more}`],
  ])('is not what stands between two rules: %s', (_, source) => {
    const { requirements, frontMatter } = extractRequirements(source)
    expect(requirements.map(({ label }) => label)).toEqual(expect.arrayContaining(['FR-1', 'FR-2']))
    expect(frontMatter).toEqual({})
    // Sections, check and split see the same text.
    const settings = { severities: {}, banned: [], gates: [], lenses: false }
    const surroundings = {
      repositories: new Set<string>(),
      assigned: [],
      banned: [],
      hasParent: false,
      hasChildren: false,
    }
    expect(checkText({ text: source, kind: 'prd', surroundings, settings }).requirements).toBe(requirements.length)
    expect(listSections(source).at(-1)?.title).toBe('More')
    expect(markdown.read([{ path: 'a.md', text: source.replace('title: Search\n', '') }]).prds[0]?.extra).toEqual({})
  })

  it.each([
    ['plain fields', '---\ntitle: Search\nrepositories:\n- api\n- web\n---\n'],
    ['comments and blanks', '---\ntitle: Search # ours\n\n# who\nrepositories: [api, web]\n---\n'],
    ['a blank line first', '---\n\ntitle: Search\nrepositories: [api, web]\n---\n'],
    ['dots at its end', '---\ntitle: Search\nrepositories: [api, web]\n...\n'],
    ['a mark and Windows', '\uFEFF---\r\ntitle: Search\r\nrepositories: [api, web]\r\n---\r\n'],
  ])('is read: %s', (_, front) => {
    const { frontMatter, requirements } = extractRequirements(`${front}# T\n\nFR-1: The api SHALL find it.\n`)
    expect(frontMatter).toEqual({ title: 'Search', repositories: ['api', 'web'] })
    expect(requirements).toHaveLength(1)
    expect(listSections(`${front}# T\n`).map(({ title }) => title)).toEqual(['T'])
  })
})
