import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyReplacements } from '../../src/documents/replacements.ts'

const text = 'The limit is 10 users.\nThe limit is fixed.\nUsers are named.\n'

describe('replacements', () => {
  it('apply one after the other, each to what the earlier ones left', () => {
    const result = applyReplacements(text, [
      { old: '10 users', new: '20 seats' },
      { old: '20 seats', new: '30 seats' },
    ])
    expect(result).toBe(text.replace('10 users', '30 seats'))
  })

  it('take $ patterns literally', () => {
    expect(applyReplacements('price: X\n', [{ old: 'X', new: "$& $1 $$ $` $'" }])).toBe("price: $& $1 $$ $` $'\n")
    expect(applyReplacements('cost $1.*\n', [{ old: '$1.*', new: 'y' }])).toBe('cost y\n')
  })

  it('refuse a passage that is not there', () => {
    expect(() =>
      applyReplacements(text, [
        { old: 'named', new: 'x' },
        { old: '99 users', new: 'x' },
      ]),
    ).toThrow(expect.objectContaining({ code: 'not_found', message: expect.stringContaining('Replacement 2 of 2') }))
  })

  it('refuse a passage that occurs more than once, with count and lines', () => {
    expect(() => applyReplacements(text, [{ old: 'The limit', new: 'x' }])).toThrow(
      expect.objectContaining({ code: 'invalid_input', message: expect.stringMatching(/2 times, in lines 1, 2/) }),
    )
    expect(() => applyReplacements('aaa\n', [{ old: 'aa', new: 'b' }])).toThrow(/2 times/)
    expect(() => applyReplacements('a'.repeat(1_000_000), [{ old: 'a'.repeat(500_000), new: 'b' }])).toThrow(
      /at least 20/,
    )
  })

  it('refuse an empty passage', () => {
    expect(() => applyReplacements(text, [{ old: '', new: 'x' }])).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    )
  })

  it('match whatever line ends and composition the passage came with', () => {
    expect(applyReplacements('Café\nb\r\nc', [{ old: 'Cafe\u0301\r\nb', new: 'x\r\ny' }])).toBe('x\ny\nc\n')
  })

  it('change the passage and nothing else', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '\n', ' ', '$') }),
        fc.string(),
        fc.string(),
        (before, put, after) => {
          const result = applyReplacements(`>${before}<MARK>${after.replaceAll('<MARK>', '')}`, [
            { old: '<MARK>', new: `[${put}]` },
          ])
          const expected = applyReplacements(`>${before}[${put}]${after.replaceAll('<MARK>', '')}`, [])
          expect(result).toBe(expected)
        },
      ),
    )
  })
})
