import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { claudeMcpList, runClaude } from './claude.ts'
import { type ClientRun, clientsInstalled, suiteName } from './client-process.ts'
import { codexMcpList, runCodex } from './codex.ts'
import { answerOf, DONE, type Returned, type Step } from './scenario.ts'

const SERVER = fileURLToPath(new URL('./fixture-server.ts', import.meta.url))
const NOTES = { name: 'notes', command: process.execPath, args: [SERVER], env: {} }
const TOOLS = ['mcp__notes__note_add', 'mcp__notes__note_get', 'mcp__notes__note_wipe']

type Run = (steps: readonly Step[], project: string) => Promise<ClientRun>
const within = () => AbortSignal.timeout(600_000)
const claude =
  (mode: 'search' | 'listed'): Run =>
  async (steps, project) =>
    await runClaude({ mode, server: NOTES, steps, project, signal: within() })
const codex =
  (mode: 'direct' | 'tool search' | 'code mode'): Run =>
  async (steps, project) =>
    await runCodex({ mode, server: NOTES, steps, project, signal: within() })

/** What the model could call at the first request, of the tools of the server. */
const atFirst = ({ requests }: ClientRun) =>
  requests[0]?.tools.map(({ name }) => name).filter((name) => TOOLS.includes(name))

describe.skipIf(!clientsInstalled)(suiteName('the harness on a small server'), () => {
  describe.each([
    ['Claude Code, tool search', claude('search'), []],
    ['Claude Code, tools listed', claude('listed'), TOOLS],
    ['Codex, direct', codex('direct'), TOOLS],
    ['Codex, tool search', codex('tool search'), []],
    ['Codex, code mode', codex('code mode'), []],
  ])('%s', (_, run, listed) => {
    test('plays a scenario: answers feed later calls, files are written, failures are seen, nothing leaves the machine', async () => {
      const project = projectFolder()
      const file = join(project, 'note.txt')
      let seen: readonly Returned[] = []
      const result = await run(
        [
          () => ({ call: 'note_add', args: { text: "it's here" } }),
          (returned) => ({ call: 'note_get', args: answerOf(returned, 'note_add', z.object({ secret: z.string() })) }),
          () => ({ write: file, content: "two lines,\n'quoted'\n" }),
          () => ({ call: 'note_get', args: { secret: 'wrong' } }),
          (returned) => {
            seen = returned
            return { say: DONE }
          },
        ],
        project,
      )

      expect(result).toMatchObject({ exitCode: 0, said: DONE, refusedHosts: [] })
      expect(result.calls).toEqual([
        { server: 'notes', tool: 'note_add', failed: false },
        { server: 'notes', tool: 'note_get', failed: false },
        { server: 'notes', tool: 'note_get', failed: true },
      ])
      expect(seen).toMatchObject([
        { output: { id: 1, secret: 'key-of-1' } },
        { output: { text: "it's here" } },
        { tool: 'write' },
        { output: undefined, text: 'No note has the key wrong.' },
      ])
      expect(readFileSync(file, 'utf8')).toBe("two lines,\n'quoted'\n")
      expect(atFirst(result)).toEqual(listed)
      expect(result.requests.at(-1)?.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(TOOLS.slice(0, 2)))
    })

    test('says where a scenario is stuck, and that a tool does not exist', async () => {
      const project = projectFolder()
      const stuck = await run(
        [
          () => ({ call: 'note_get', args: { secret: 'wrong' } }),
          (returned) => ({ call: 'note_add', args: answerOf(returned, 'note_get', z.object({ text: z.string() })) }),
        ],
        project,
      )
      const lost = await run([() => ({ call: 'note_burn', args: {} })], project)

      expect(stuck.said).toMatch(/^Stuck in step 2: [\s\S]*Last answer \(note_get\): No note has the key wrong\./)
      expect(lost.said).toBe('There is no tool mcp__notes__note_burn.')
    })
  })

  test('Codex refuses a destructive tool unattended, Claude Code runs what its allow-list names', async () => {
    const steps: readonly Step[] = [() => ({ call: 'note_wipe', args: {} })]
    const refused = await codex('direct')(steps, projectFolder())
    const allowed = await claude('listed')(steps, projectFolder())

    expect(refused.calls).toEqual([{ server: 'notes', tool: 'note_wipe', failed: true }])
    expect(allowed.calls).toEqual([{ server: 'notes', tool: 'note_wipe', failed: false }])
  })

  test('Claude Code lists a server as connected, and one that dies as failed', async () => {
    const lines = [`claude mcp add notes -- node ${SERVER}`, 'claude mcp add dead -- node --eval 0']
    const listed = await claudeMcpList(lines, projectFolder(), within())

    expect(listed).toMatch(/^notes: .*✔ Connected$/m)
    expect(listed).toMatch(/^dead: .*Failed to connect/m)
  })

  test('Codex lists a server as enabled', async () => {
    const listed = await codexMcpList([`codex mcp add notes -- node ${SERVER}`], projectFolder(), within())

    expect(listed).toMatch(/^notes +node +.*fixture-server\.ts .* enabled/m)
  })
})

function projectFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agent-project-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
