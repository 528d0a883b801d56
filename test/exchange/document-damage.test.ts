import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bundle } from '../../schemas/bundle.ts'
import { SpekiError } from '../../src/errors.ts'
import type { Format, SourceFile } from '../../src/exchange/format.ts'
import { markdown } from '../../src/exchange/formats/markdown.ts'
import { openspec } from '../../src/exchange/formats/openspec.ts'
import { qala } from '../../src/exchange/formats/qala.ts'
import { specKit } from '../../src/exchange/formats/spec-kit.ts'
import { runs } from '../property-runs.ts'

const CASES: readonly [fixture: string, format: Format][] = [
  ['qala/rich', qala],
  ['openspec/rich', openspec],
  ['spec-kit/rich', specKit],
  ['markdown/rich', markdown],
]

const pieceOfText = fc.oneof(
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.constantFrom(
    '"',
    '{',
    ']',
    ',',
    ':',
    '\n',
    '---\n',
    '- [ ] ',
    '- [x] T001 ',
    '  ',
    '```\n',
    '<!--',
    '# ',
    '## Phase 2\n',
    ' (depends on T010)',
    '"__proto__":{},',
    '__proto__: 1\n',
    '\u0000',
  ),
  fc.json({ maxDepth: 3 }),
)
const damage = fc.array(fc.record({ file: fc.nat(), place: fc.nat(), cut: fc.nat({ max: 40 }), text: pieceOfText }), {
  minLength: 1,
  maxLength: 4,
})

function filesOf(format: Format, fixture: string): readonly SourceFile[] {
  const root = join(import.meta.dirname, 'fixtures', fixture)
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  return format.claims(paths.toSorted()).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

test.each(CASES)('however damaged, %s is read or refused', (fixture, format) => {
  const whole = filesOf(format, fixture)
  let refused = 0
  fc.assert(
    fc.property(damage, (changes) => {
      const files = whole.map((file) => ({ ...file }))
      for (const { file, place, cut, text } of changes) {
        const damaged = files[file % files.length]
        if (damaged === undefined) continue
        const start = place % (damaged.text.length + 1)
        damaged.text = damaged.text.slice(0, start) + text + damaged.text.slice(start + cut)
      }
      try {
        const bundle = format.read(files)
        expect(Bundle.parse(bundle)).toEqual(bundle)
        expect(format.read(files.toReversed())).toEqual(bundle)
      } catch (error) {
        refused++
        expect(error).toBeInstanceOf(SpekiError)
        expect(error).toMatchObject({ code: 'invalid_input', hint: expect.stringMatching(/./) })
      }
    }),
    { numRuns: runs(400), seed: 3 },
  )
  // In a share of them, all may be readable.
  if (runs(400) === 400) expect(refused).toBeGreaterThan(0)
})

test.each(CASES)('any text in the files of %s is read or refused', (fixture, format) => {
  const paths = filesOf(format, fixture).map(({ path }) => path)
  const text = fc.array(pieceOfText, { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(text, { minLength: paths.length, maxLength: paths.length }), (texts) => {
      try {
        Bundle.parse(format.read(paths.map((path, index) => ({ path, text: texts[index] ?? '' }))))
      } catch (error) {
        expect(error).toBeInstanceOf(SpekiError)
      }
    }),
    { numRuns: runs(300), seed: 7 },
  )
})
