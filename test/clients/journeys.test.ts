import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listedTools } from '../../src/mcp/listed-tools.ts'
import { runClaude } from './claude.ts'
import { type ClientRun, clientsInstalled, type ServerCommand, suiteName } from './client-process.ts'
import { runCodex } from './codex.ts'
import { costOf, DELIVERED, followNext } from './next-follower.ts'
import type { Returned, Step } from './scenario.ts'
import { makeShop } from './shop-order.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const TOOLS = new Set(listedTools.map(({ name }) => name))
const MAX_TURNS = 100

interface Session {
  readonly server: ServerCommand
  readonly steps: readonly Step[]
  readonly project: string
  readonly signal: AbortSignal
}

const CLIENTS: readonly [string, (session: Session) => Promise<ClientRun>][] = [
  ['Claude Code', (session) => runClaude({ ...session, mode: 'search' })],
  ['Codex', (session) => runCodex({ ...session, mode: 'direct', approved: true })],
]

const serverIn = (home: string): ServerCommand => ({
  name: 'speki',
  command: process.execPath,
  args: [join(ROOT, 'bin', 'speki.js'), 'mcp'],
  env: { SPEKI_HOME: home, SPEKI_USER: 'tester' },
})

describe.skipIf(!clientsInstalled)(suiteName('an agent without documents'), () => {
  test.for(CLIENTS)(
    '%s brings a PRD over three repositories, one with two packages, into their branches',
    async ([name, run]) => {
      const project = temporaryFolder()
      const order = makeShop(project)
      let seen: readonly Returned[] = []
      const model = followNext(order, TOOLS, (answers) => answers.at(-1)?.output?.['state'] === 'delivered')
      const steps = Array.from(
        { length: MAX_TURNS },
        (): Step => (returned) => {
          seen = returned
          return model(returned)
        },
      )

      const result = await run({
        server: serverIn(join(project, 'home')),
        steps,
        project,
        signal: AbortSignal.timeout(600_000),
      })

      expect(result).toMatchObject({ exitCode: 0, said: DELIVERED, refusedHosts: [] })
      expect(result.calls.filter(({ failed }) => failed)).toEqual([])
      for (const [folder, file] of [
        ['pricing', 'price.js'],
        ['web', 'packages/cart/add.js'],
        ['web', 'packages/ui/show.js'],
        ['till', 'receipt.js'],
      ] as const)
        expect(
          execFileSync('git', ['show', `main:${file}`], { cwd: join(project, folder), encoding: 'utf8' }),
        ).toContain('export')
      const { calls, tokens } = costOf(seen)
      console.log(
        `${name}, three repositories with a monorepo: ${calls} calls, ${tokens} tokens of answers: ${seen.map(({ tool }) => tool).join(' ')}`,
      )
      expect(calls).toBeLessThanOrEqual(30)
      expect(tokens).toBeLessThanOrEqual(15_000)
    },
  )
})

function temporaryFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'agent-journey-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
