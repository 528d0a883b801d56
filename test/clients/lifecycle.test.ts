import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { claudeMcpList, runClaude } from './claude.ts'
import { type ClientRun, clientsInstalled, type ServerCommand, suiteName } from './client-process.ts'
import { codexMcpList, runCodex } from './codex.ts'
import { createRepositories, lifecycle } from './lifecycle-scenario.ts'
import type { Step } from './scenario.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** Listed at once even where everything else waits for a search. */
const LOOP = ['speki_status', 'task_claim', 'task_complete', 'task_get', 'task_update', 'task_validate']
/** What the scenario needs besides, there where the client lists every tool. */
const ALL = expect.arrayContaining([...LOOP, 'plan_draft', 'plan_submit', 'prd_create', 'repository_register'])

interface Session {
  readonly server: ServerCommand
  readonly steps: readonly Step[]
  readonly project: string
  readonly signal: AbortSignal
}
const within = () => AbortSignal.timeout(600_000)

describe.skipIf(!clientsInstalled)(suiteName('real agent clients on SPEKI'), () => {
  test.for<[string, string, unknown, (session: Session) => Promise<ClientRun>]>([
    ['Claude Code, tool search', 'claude-code', LOOP, (session) => runClaude({ ...session, mode: 'search' })],
    ['Claude Code, tools listed', 'claude-code', ALL, (session) => runClaude({ ...session, mode: 'listed' })],
    ['Codex, direct', 'codex-mcp-client', ALL, (session) => runCodex({ ...session, mode: 'direct' })],
    ['Codex, tool search', 'codex-mcp-client', [], (session) => runCodex({ ...session, mode: 'tool search' })],
    ['Codex, code mode', 'codex-mcp-client', [], (session) => runCodex({ ...session, mode: 'code mode' })],
  ])(
    '%s takes a PRD over two repositories from registration to completion, unattended',
    async ([, agent, listed, run]) => {
      const project = temporaryFolder()
      const home = temporaryFolder()
      createRepositories(project)
      const server = {
        name: 'speki',
        command: 'node',
        args: [join(ROOT, 'bin', 'speki.js'), 'mcp'],
        env: { SPEKI_HOME: home, SPEKI_USER: 'tester' },
      }

      const result = await run({ server, steps: lifecycle(project), project, signal: within() })

      expect(result).toMatchObject({ exitCode: 0, said: '2 of 2 tasks are done.', refusedHosts: [] })
      // Only the completion that came before the work.
      expect(result.calls.filter(({ failed }) => failed)).toEqual([
        { server: 'speki', tool: 'task_complete', failed: true },
      ])
      expect(stored(home)).toEqual({
        repositories: ['pricing', 'till'],
        prds: [{ id: 1, state: 'completed', repositories: 2 }],
        tasks: [
          { repository: 'pricing', status: 'done', proven: 1 },
          { repository: 'till', status: 'done', proven: 1 },
        ],
        work: [
          'task.claimed in pricing',
          'task.validated in pricing, red',
          'task.validated in pricing, green',
          'task.completed in pricing',
          'task.claimed in till',
          'task.validated in till, green',
          'task.completed in till',
        ],
        workers: [
          { kind: 'agent', name: expect.stringMatching(new RegExp(`^${agent}#[0-9a-f]{4}$`)), onBehalfOf: 'tester' },
        ],
      })
      expect(listedIn(result.requests[0])).toEqual(listed)
    },
  )

  test('the lines of the README make Claude Code connect and Codex list it', async () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const line = (client: string) => readme.match(new RegExp(`^${client} mcp add .*$`, 'm'))?.[0] ?? ''

    expect(await claudeMcpList([line('claude')], ROOT, within())).toMatch(
      /^speki: node .*bin\/speki\.js mcp - ✔ Connected$/m,
    )
    expect(await codexMcpList([line('codex')], ROOT, within())).toMatch(
      /^speki +node +.*bin\/speki\.js mcp .* enabled/m,
    )
  })
})

/** The tools of SPEKI in a request, in alphabetical order. */
function listedIn(request: ClientRun['requests'][number] | undefined): readonly string[] {
  return (request?.tools ?? []).flatMap(({ name }) => name.match(/^mcp__speki__(.+)$/)?.[1] ?? []).sort()
}

/** What the run left in the database, read behind the server's back. */
function stored(home: string) {
  const database = new Database(join(home, 'speki.db'), { readonly: true })
  try {
    const rows = (sql: string) => database.prepare(sql).all()
    const texts = (sql: string) => database.prepare<[], string>(sql).pluck().all()
    return {
      repositories: texts('SELECT name FROM repository ORDER BY name'),
      prds: rows(
        `SELECT id, state, (SELECT count(*) FROM prd_repository WHERE prd_id = prd.id) AS repositories FROM prd`,
      ),
      tasks: rows(
        `SELECT repository.name AS repository, task.status, count(evidence.validation_id) AS proven
         FROM task JOIN repository ON repository.id = task.repository_id LEFT JOIN evidence ON evidence.task_id = task.id
         GROUP BY task.id ORDER BY task.id`,
      ),
      work: texts(
        `SELECT event.type || ' in ' || repository.name ||
           CASE event.payload ->> 'passed' WHEN 1 THEN ', green' WHEN 0 THEN ', red' ELSE '' END
         FROM event JOIN repository ON repository.id = event.repository_id
         WHERE event.type LIKE 'task.%' AND event.type <> 'task.created' ORDER BY event.id`,
      ),
      workers: texts(`SELECT DISTINCT actor FROM event WHERE type LIKE 'task.%'`).map((actor) => JSON.parse(actor)),
    }
  } finally {
    database.close()
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'agent-lifecycle-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
