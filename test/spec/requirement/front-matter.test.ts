import { describe, expect, it } from 'vitest'
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
