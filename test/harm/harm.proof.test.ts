import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runs } from '../property-runs.ts'
import { containedSession, type Drawn, reachingSession, sessionOf } from './draw.ts'
import { type Audit, openAudit } from './history.ts'
import { REACHING, WRECKING } from './reach.ts'
import { CONTAINED, LEADING } from './vocabulary.ts'

/** A share in every run; all of it by `npm run soak`. */
const SOAK = process.env['SPEKI_SOAK'] !== undefined

const home = process.env['HOME']
let folder = ''
let audit: Audit

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'speki-harm-'))
  audit = await openAudit(folder)
})

afterAll(async () => {
  process.env['HOME'] = home
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const histories = (session: fc.Arbitrary<Drawn>) => fc.array(session, { minLength: 1, maxLength: 2 })

test('the vocabulary is as wide as it says, and no two acts are called the same', () => {
  const names = [CONTAINED, LEADING, REACHING, WRECKING].flat().map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(CONTAINED.length + LEADING.length).toBeGreaterThanOrEqual(60)
})

test('whatever an agent does where it works, everything of the person is byte for byte what the person made it', async () => {
  await fc.assert(
    fc.asyncProperty(histories(containedSession), async (history) => {
      const { harm } = await audit.play(history.map(sessionOf))
      expect(harm).toEqual([])
    }),
    { numRuns: SOAK ? 1300 : runs(8) },
  )
})

test("what an agent does by git in the person's repository is told and put back, and what the person does meanwhile stays", async () => {
  await fc.assert(
    fc.asyncProperty(histories(reachingSession), async (history) => {
      const { harm, told } = await audit.play(history.map(sessionOf))
      // Settings are compared by what they say.
      expect(harm.filter((each) => !each.startsWith('api/.git/config:'))).toEqual([])
      for (const [index, { acts }] of history.entries())
        for (const reach of REACHING.filter(({ name }) => acts.includes(name)))
          expect(told[index]?.text, reach.name).toMatch(reach.told)
    }),
    { numRuns: SOAK ? 700 : runs(4) },
  )
})
