import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_BODY_BYTES } from '../../schemas/prd.ts'
import { checkText, hashText, normalizeText } from '../../src/documents/text.ts'
import { SpekiError } from '../../src/errors.ts'

describe('normalised text', () => {
  it('has LF line ends, no byte order mark and one line end at its end', () => {
    expect(normalizeText('\uFEFFa\r\nb\rc\n\n\n')).toBe('a\nb\nc\n')
    expect(normalizeText('a')).toBe('a\n')
    expect(normalizeText('\r\n\n')).toBe('')
    expect(normalizeText('')).toBe('')
  })

  it('composes characters and keeps blanks, tabs and inner empty lines', () => {
    expect(normalizeText('Cafe\u0301  \n\tx\n\n\ny ')).toBe('Café  \n\tx\n\n\ny \n')
  })

  it('does not change a second time', () => {
    const anyText = fc.string({
      unit: fc.constantFrom('a', '\n', '\r', '\uFEFF', 'e', '\u0301', ' ', '\u{1F600}', 'Å', '\u212B'),
      maxLength: 40,
    })
    fc.assert(
      fc.property(anyText, (text) => {
        const once = normalizeText(text)
        expect(normalizeText(once)).toBe(once)
      }),
    )
  })
})

describe('hash of a text', () => {
  it('is SHA-256 of its normalised form', () => {
    expect(hashText('abc')).toBe('edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb')
    expect(hashText('\uFEFFabc\r\n\r\n')).toBe(hashText('abc'))
    expect(hashText('Cafe\u0301')).toBe(hashText('Café'))
    expect(hashText('abd')).not.toBe(hashText('abc'))
  })
})

describe('checking a text', () => {
  const failure = (text: string): SpekiError => {
    try {
      checkText(text)
    } catch (error) {
      if (error instanceof SpekiError) return error
    }
    throw new Error('was accepted')
  }

  it('refuses NUL and halves of surrogate pairs, naming the line', () => {
    expect(failure('a\nb\0')).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('NUL character in line 2'),
    })
    expect(failure('a\n\n\uD83D')).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('line 3') })
    expect(failure('\uDE00').hint).toBeDefined()
  })

  it('counts bytes, not characters', () => {
    expect(() => checkText('a'.repeat(MAX_BODY_BYTES))).not.toThrow()
    expect(failure('é'.repeat(MAX_BODY_BYTES / 2 + 1))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(String(MAX_BODY_BYTES)),
    })
  })

  it('accepts emoji, right-to-left text and an empty text', () => {
    expect(() => checkText('\u{1F600} עברית')).not.toThrow()
    expect(() => checkText('')).not.toThrow()
  })
})
