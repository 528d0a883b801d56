import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findSandboxTool } from '../../src/process/sandbox-tool.ts'
import { runs } from '../property-runs.ts'
import { containedSession, type Drawn, sessionOf, wreckingSession } from './draw.ts'
import { type Audit, openAudit } from './history.ts'
import { WRECKING } from './reach.ts'

/** A share in every run; all of it by `npm run soak`. */
const SOAK = process.env['SPEKI_SOAK'] !== undefined

const absent = 'problem' in (await findSandboxTool())
const home = homedir()
let folder = ''
let audit: Audit

beforeAll(async () => {
  if (absent) return
  // Not where all is temporary: there a repository's surroundings are shared.
  mkdirSync(join(home, '.cache'), { recursive: true })
  folder = await mkdtemp(join(home, '.cache', 'speki-harm-'))
  audit = await openAudit(folder, { sandbox: true })
})

afterAll(async () => {
  if (absent) return
  process.env['HOME'] = home
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const play = async (session: fc.Arbitrary<Drawn>, numRuns: number) =>
  await fc.assert(
    fc.asyncProperty(fc.array(session, { minLength: 1, maxLength: 2 }), async (history) => {
      const { harm } = await audit.play(history.map(sessionOf))
      expect(harm).toEqual([])
    }),
    { numRuns },
  )

test.skipIf(absent)("each act that would wreck a person's work does nothing out of the sandbox", async () => {
  for (const { name, run } of WRECKING) {
    const session = {
      kind: 'run' as const,
      acts: [run],
      work: 'good' as const,
      end: 'leave' as const,
      person: [],
      moments: [],
    }
    const { harm } = await audit.play([session])
    expect(harm, name).toEqual([])
  }
})

test.skipIf(absent)(
  'whatever an agent would do to the person, and wherever, nothing comes of it in the sandbox',
  async () => {
    await play(wreckingSession, SOAK ? 1000 : runs(6))
  },
)

test.skipIf(absent)('what stays where the agent works harms nobody in the sandbox either', async () => {
  await play(
    containedSession.filter(({ kind }) => kind === 'run'),
    SOAK ? 1000 : runs(4),
  )
})
