import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'
import { commandOf } from './acp-world.ts'

const ANSWER = { summary: 'The answer is exported.', criteria: [{ criterion: 1, met: true, how: 'check.js' }] }

test('a run goes from the task to a commit, mending in the same session what was red', async () => {
  const folder = await temporaryFolder()
  const command = commandOf(
    { home: folder },
    {
      steps: [{ write: 'index.js', content: 'export const ok = false\n' }, { say: JSON.stringify(ANSWER) }],
      again: [
        { write: 'index.js', content: 'export const ok = true\nexport const answer = 42\n' },
        { say: `Mended. ${JSON.stringify(ANSWER)}` },
      ],
    },
  )
  const agent = await connect({ db: join(folder, 'speki.db') })
  const root = makeRepository(folder, 'api')
  await agent.ok('repository_register', { path: root })
  const task = await makeTask(agent, 'api', 'Export the answer', { criterion: 'answer is 42' })
  const wanted = { tasks: [task], agent: 'acp', command, attempts: 1 }
  expect(await agent.ok('run_start', { ...wanted, budget_usd: 1, dry_run: true })).toMatchObject({
    preflight: expect.arrayContaining([
      { level: 'ok', subject: 'acp', message: 'It is here.' },
      { level: 'note', subject: 'acp', message: expect.stringMatching(/does not tell what it costs/) },
    ]),
  })
  const started = await agent.ok<{ run: string }>('run_start', wanted)
  for (let looks = 0; looks < 600; looks += 1) {
    const { run } = await agent.ok<{ run: { state: string } }>('run_status', { id: started.run })
    if (!['queued', 'running'].includes(run.state)) break
    await new Promise((done) => setTimeout(done, 100))
  }
  const report = JSON.stringify(await agent.client.readResource({ uri: `speki://run/${started.run}/report` }))
  expect(await agent.ok('run_status', { id: started.run }), report).toMatchObject({
    run: { state: 'succeeded' },
    tasks: [{ status: 'done', attempts: 1 }],
  })
  expect(report).toMatch(/Attempt 1 by acp: landed, 2 messages/)
  expect(git(root, 'show', 'speki/cs-1:index.js')).toContain('answer = 42')
  expect(git(root, 'log', '-1', '--format=%b', 'speki/cs-1')).toContain(ANSWER.summary)
})
