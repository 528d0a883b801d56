import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository } from '../mcp/workspace.ts'
import { landed } from './landed.ts'

test('what checks and agents leave does not land, and a suite whose golden files come out otherwise is red', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const root = makeRepository(folder, 'app', {
    files: {
      'index.js': 'export const ok = true\nexport const three = 3\n',
      'check.js':
        "import { writeFileSync } from 'node:fs'\nimport { three } from './index.js'\nwriteFileSync('test/baseline.txt', `three is ${three}\\n`)\nwriteFileSync('STAMP.md', String(process.hrtime.bigint()))\nwriteFileSync('report.html', 'made')\nwriteFileSync('npm-debug.log', 'made')\n",
      'test/baseline.txt': 'three is 3\n',
      'STAMP.md': 'never\n',
    },
  })
  await agent.ok('repository_register', { path: root })
  const write = {
    'nohup.out': 'x',
    '__pycache__/a.cpython-311.pyc': 'x',
    'report.html': 'by the agent, who ran the checks',
  }
  const good = await landed(agent, folder, root, 'Good', { append: { 'index.js': 'export const more = 1\n' }, write })
  expect([good.status, good.paths], good.report).toEqual(['done', 'index.js'])
  const bad = await landed(agent, folder, root, 'Wrong', {
    write: { 'index.js': 'export const ok = true\nexport const three = 4\n' },
  })
  expect([bad.status, bad.paths]).toEqual(['failed', ''])
  expect(bad.report).toMatch(/the checks write test\/baseline\.txt anew/)
})

test('a suite that wants a clean tree is judged on the committed work, and the worktree is as the agent left it', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const clean = "if (execFileSync('git', ['status', '--porcelain']).length > 0) process.exit(1)\n"
  const root = makeRepository(folder, 'app', {
    files: {
      'check.js': `import { execFileSync } from 'node:child_process'\nimport { ok } from './index.js'\n${clean}if (!ok) process.exit(2)\n`,
    },
  })
  await agent.ok('repository_register', { path: root })
  const good = await landed(agent, folder, root, 'Good', { append: { 'index.js': 'export const more = 1\n' } })
  expect([good.status, good.paths], good.report).toEqual(['done', 'index.js'])
  const bad = await landed(agent, folder, root, 'Wrong', { write: { 'index.js': 'export const ok = false\n' } })
  expect(bad.status).toBe('failed')
  expect(git(root, 'status', '--porcelain')).toBe('')
})
