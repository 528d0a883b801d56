import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'
import { makeRepository, makeTask } from '../mcp/workspace.ts'

test('a check is switched off by a person with a reason, stays off when the repository is looked at again, and is shown', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const root = makeRepository(folder, 'api', {
    files: {
      'package.json': '{"name":"api","type":"module","scripts":{"test":"node check.js","lint":"licensed-linter"}}\n',
    },
  })
  const agent = await connect({ db })
  await agent.ok('repository_register', { path: root })
  const commands = (...more: string[]) => {
    const args = [CLI, 'repository', 'commands', 'api', ...more, '--json', '--db', db]
    return spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder })
  }
  const refused = commands('--off', 'lint')
  expect([refused.status === 0, refused.stdout + refused.stderr]).toEqual([
    false,
    expect.stringMatching(/Why is the lint check/),
  ])
  expect(commands('--off', 'lint', '--reason', 'needs a licence').status).toBe(0)
  await agent.ok('repository_register', { path: root })
  expect(JSON.parse(commands().stdout).checks).toEqual([
    expect.objectContaining({ kind: 'test', command: 'npm run test' }),
    expect.objectContaining({ kind: 'lint', off: 'needs a licence' }),
  ])
  const task = await makeTask(agent, 'api', 'Change')
  const look = { tasks: [task], agent: 'command', command: [process.execPath, '--version'], dry_run: true }
  const { preflight } = await agent.ok<{ preflight: { message: string }[] }>('run_start', look)
  const lines = preflight.map(({ message }) => message).join('\n')
  expect(lines).toMatch(/Its lint check is switched off by a person: needs a licence/)
  expect(lines).not.toMatch(/licensed-linter/)
  // Set again, it runs again.
  expect(JSON.parse(commands('--lint', 'none').stdout).checks).toContainEqual(
    expect.objectContaining({ kind: 'lint', command: 'npm run lint' }),
  )
})
