import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspect, suiteName, suitesInstalled } from './suite.ts'

const SNAPSHOTS = join(import.meta.dirname, '..', 'mcp', '__snapshots__')
const tools = readdirSync(SNAPSHOTS).map((file) => file.replace(/\.json$/, ''))

describe.skipIf(!suitesInstalled)(suiteName('MCP Inspector on speki mcp'), () => {
  describe.each(['modern', 'legacy'] as const)('%s', (era) => {
    test('every tool has a schema that model APIs take', async () => {
      const { exitCode, stdout, stderr } = await inspect(era, ['--method', 'tools/list', '--strict'])
      expect(exitCode, stderr).toBe(0)
      const { tools: listed } = JSON.parse(stdout) as { tools: { name: string }[] }
      const names = listed.map(({ name }) => name)
      expect(names.sort()).toEqual(tools.sort())
    })

    test('a tool answers, and a refusal is an error of the tool', async () => {
      const status = await inspect(era, ['--method', 'tools/call', '--tool-name', 'speki_status'])
      expect(status.exitCode, status.stderr).toBe(0)
      expect(JSON.parse(status.stdout)).toMatchObject({ structuredContent: expect.any(Object) })

      // The option takes words until the next option.
      const missing = await inspect(era, [
        '--tool-arg',
        'id=PRD-404',
        '--method',
        'tools/call',
        '--tool-name',
        'prd_get',
      ])
      expect(missing.exitCode).toBe(5)
      expect(missing.stdout).toContain('PRD-404')
    })

    test.each(['prompts/list', 'resources/list', 'resources/templates/list'])('%s answers', async (method) => {
      const { exitCode, stdout, stderr } = await inspect(era, ['--method', method])
      expect(exitCode, stderr).toBe(0)
      expect(Object.values(JSON.parse(stdout)).flat()).not.toHaveLength(0)
    })
  })
})
