import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { argumentMistakes } from '../journeys/argument-mistakes.ts'
import { followUp, type Made, type Mistake, makeWorkspace, type Workspace } from '../journeys/mistake.ts'
import { stateMistakes } from '../journeys/state-mistakes.ts'
import { turnMistakes } from '../journeys/turn-mistakes.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { SEED } from '../property-runs.ts'
import { runClaude } from './claude.ts'
import { type ClientRun, clientsInstalled, type ServerCommand, suiteName } from './client-process.ts'
import { runCodex } from './codex.ts'
import { costOf } from './next-follower.ts'
import type { Returned, Step } from './scenario.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** Of these nothing can be seen here: their working copy is another's by the time they are made, or the session is not theirs. */
const LEFT_OUT = [
  'the summary beside the evidence',
  'a criterion by its text',
  'a criterion under another name',
  'a criterion answered in words',
  'a criterion without what shows it',
  'evidence as JSON text',
  'an idempotency key for another call',
  'delivering without confirm',
  'the confirm of another preview',
  'delivering again',
]

/** How many each client makes in CI, other ones with each seed; `npm run soak` has them make all. */
const MADE = Number(process.env['SPEKI_MISTAKES'] ?? 18)

/** A tool that is not there is refused by the clients themselves. */
function mistakesOf({ tools }: Workspace): readonly Mistake[] {
  const all = [...argumentMistakes, ...stateMistakes, ...turnMistakes]
  const seen = all.filter(({ is, tool }) => tools.has(tool) && !LEFT_OUT.includes(is))
  expect(seen.length).toBeGreaterThanOrEqual(80)
  expect(all.filter(({ is }) => LEFT_OUT.includes(is))).toHaveLength(LEFT_OUT.length)
  const drawn = fc.sample(fc.shuffledSubarray([...seen], { minLength: seen.length }), { numRuns: 1, seed: SEED })
  return (drawn[0] ?? []).slice(0, MADE)
}

interface Session {
  readonly server: ServerCommand
  readonly steps: readonly Step[]
  readonly project: string
  readonly signal: AbortSignal
}

describe.skipIf(!clientsInstalled)(suiteName('typical mistakes through real clients'), () => {
  test.for<[string, (session: Session) => Promise<ClientRun>]>([
    ['Claude Code', (session) => runClaude({ ...session, mode: 'listed' })],
    ['Codex', (session) => runCodex({ ...session, mode: 'direct', approved: true })],
  ])('%s: each is led back in at most one more call', async ([name, run]) => {
    const folder = await temporaryFolder(onTestFinished)
    const workspace = await makeWorkspace(folder)
    const mistakes = mistakesOf(workspace)
    const made: (readonly [Mistake, Made])[] = []
    for (const mistake of mistakes) made.push([mistake, await mistake.make(workspace)])
    let seen: readonly Returned[] = []
    const steps = made.flatMap(([mistake, given]): Step[] => {
      const wrong: Step = () => ({ call: mistake.tool, args: given.args })
      const right: Step = (returned) => {
        const { text = '', output } = returned.at(-1) ?? {}
        const answer = { isError: output === undefined, text, output: output ?? {} }
        const { tool, args } = followUp(mistake, given, answer, workspace.tools)
        return { call: tool, args }
      }
      return mistake.led === 'at once' ? [wrong] : [wrong, right]
    })
    const all: readonly Step[] = [...steps, () => ({ say: 'Every mistake is mended.' })]
    const watched = all.map(
      (step): Step =>
        (returned) => {
          seen = returned
          return step(returned)
        },
    )
    const server = {
      name: 'speki',
      command: process.execPath,
      args: [`${ROOT}/bin/speki.js`, 'mcp', '--db', `${folder}/speki.db`, '--project', folder],
      env: { SPEKI_HOME: `${folder}/home`, SPEKI_USER: 'tester' },
    }

    const result = await run({ server, steps: watched, project: folder, signal: AbortSignal.timeout(1_800_000) })

    expect(result).toMatchObject({ exitCode: 0, said: 'Every mistake is mended.', refusedHosts: [] })
    const expected = made.flatMap(([{ led }]) => (led === 'at once' ? [false] : [true, false]))
    expect(result.calls.map(({ failed }) => failed)).toEqual(expected)
    const { calls, tokens } = costOf(seen)
    console.log(`${name}, ${mistakes.length} mistakes: ${calls} calls, ${tokens} tokens of answers`)
  })
})
