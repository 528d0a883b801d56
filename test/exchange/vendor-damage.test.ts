import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bundle } from '../../schemas/bundle.ts'
import { SpekiError } from '../../src/errors.ts'
import type { Format } from '../../src/exchange/format.ts'
import { backlogMd } from '../../src/exchange/formats/backlog-md.ts'
import { beads } from '../../src/exchange/formats/beads.ts'
import { shrimp } from '../../src/exchange/formats/shrimp.ts'
import { taskMaster } from '../../src/exchange/formats/task-master.ts'
import { runs } from '../property-runs.ts'

const CASES: readonly [format: Format, fixture: string, path: string][] = [
  [taskMaster, 'task-master/rich', '.taskmaster/tasks/tasks.json'],
  [taskMaster, 'task-master/small', 'tasks/tasks.json'],
  [beads, 'beads/rich', '.beads/issues.jsonl'],
  [shrimp, 'shrimp/rich', 'shrimp_data/tasks.json'],
  [backlogMd, 'backlog-md/rich', 'backlog/tasks/orch-10 - Ripeness-model.md'],
]

const pieceOfText = fc.oneof(
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.constantFrom(
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\n',
    '---\n',
    '- ',
    'null',
    '1e999',
    '"__proto__":{},',
    '<!-- AC:BEGIN -->\n',
  ),
  fc.json({ maxDepth: 3 }),
)
const damage = fc.array(fc.record({ place: fc.nat(), cut: fc.nat({ max: 40 }), text: pieceOfText }), {
  minLength: 1,
  maxLength: 4,
})

test.each(CASES)('however damaged, %s in %s is read or refused', (format, fixture, path) => {
  const whole = readFileSync(join(import.meta.dirname, 'fixtures', fixture, path), 'utf8')
  let refused = 0
  fc.assert(
    fc.property(damage, (changes) => {
      let text = whole
      for (const { place, cut, text: added } of changes) {
        const start = place % (text.length + 1)
        text = text.slice(0, start) + added + text.slice(start + cut)
      }
      try {
        const bundle = format.read([{ path, text }])
        expect(Bundle.parse(bundle)).toEqual(bundle)
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

const scalars = ['x', '', 0, -1, 1.5, true, null, [], {}, [[]], [{}], 'in-progress', '2025-01-01', ['a', 'b']]

test.each(CASES.filter(([, , path]) => /json/.test(path)))(
  'whatever type a field has, %s in %s is read or refused',
  (format, fixture, path) => {
    const text = readFileSync(join(import.meta.dirname, 'fixtures', fixture, path), 'utf8')
    const fields = [...text.matchAll(/"(\w+)":\s*("[^"\n]*"|\d+|\[\])/g)]
    expect(fields.length).toBeGreaterThan(10)
    for (const field of fields)
      for (const value of scalars) {
        const start = field.index + field[0].length - (field[2]?.length ?? 0)
        const changed = text.slice(0, start) + JSON.stringify(value) + text.slice(field.index + field[0].length)
        try {
          const bundle = format.read([{ path, text: changed }])
          expect(Bundle.safeParse(bundle).error).toBeUndefined()
        } catch (error) {
          expect(error).toBeInstanceOf(SpekiError)
        }
      }
  },
)
