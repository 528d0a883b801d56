import { resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { argumentMistakes } from '../journeys/argument-mistakes.ts'
import { followUp, type Made, type Mistake, makeWorkspace } from '../journeys/mistake.ts'
import { stateMistakes } from '../journeys/state-mistakes.ts'
import { turnMistakes } from '../journeys/turn-mistakes.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { runClaude } from './claude.ts'
import { type ClientRun, clientsInstalled, type ServerCommand, suiteName } from './client-process.ts'
import { runCodex } from './codex.ts'
import { costOf } from './next-follower.ts'
import type { Returned, Step } from './scenario.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** Of each kind some; none that depends on which session asks. */
const SAMPLE = [
  'task_id for task',
  'a slip of the pen',
  'name and content for title and body',
  'token for lease_token',
  'dependencies for depends_on of a planned task',
  'a criterion by its text',
  'a plan as JSON text',
  'yes for true',
  'a task that is not there',
  'a repository that is not there',
  'a stale revision of a task',
  'an edit over the edit of another',
  'a plan of a stale revision',
  'a page that does not follow, of tasks',
  'claiming what another holds',
  'completing without checks',
  'done by an update, of a task to do',
  'a plan in a circle',
]

interface Session {
  readonly server: ServerCommand
  readonly steps: readonly Step[]
  readonly project: string
  readonly signal: AbortSignal
}

describe.skipIf(!clientsInstalled)(suiteName('typical mistakes through real clients'), () => {
  test.for<[string, (session: Session) => Promise<ClientRun>]>([
    ['Claude Code', (session) => runClaude({ ...session, mode: 'listed' })],
    ['Codex', (session) => runCodex({ ...session, mode: 'direct' })],
  ])('%s: each is led back in at most one more call', async ([name, run]) => {
    const folder = await temporaryFolder(onTestFinished)
    const workspace = await makeWorkspace(folder)
    const mistakes = [...argumentMistakes, ...stateMistakes, ...turnMistakes].filter(({ is }) => SAMPLE.includes(is))
    expect(mistakes).toHaveLength(SAMPLE.length)
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

    const result = await run({ server, steps: watched, project: folder, signal: AbortSignal.timeout(600_000) })

    expect(result).toMatchObject({ exitCode: 0, said: 'Every mistake is mended.', refusedHosts: [] })
    const expected = made.flatMap(([{ led }]) => (led === 'at once' ? [false] : [true, false]))
    expect(result.calls.map(({ failed }) => failed)).toEqual(expected)
    const { calls, tokens } = costOf(seen)
    console.log(`${name}, ${mistakes.length} mistakes: ${calls} calls, ${tokens} tokens of answers`)
  })
})
