import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'
import { untilStill } from './progress.ts'
import { answer, type Behaviour, scriptedAgent } from './scripted-agent.ts'

const library = (name: string) => `{"name":"${name}","version":"1.0.0","type":"module","exports":"./index.js"}\n`
const shop = (dependencies: object) =>
  `${JSON.stringify({ name: 'shop', version: '1.0.0', type: 'module', scripts: { test: 'node check.js' }, dependencies }, undefined, 2)}\n`

const LIBRARY: Behaviour = {
  write: {
    'core/package.json': library('rates-core'),
    'core/index.js': 'export const rate = () => 7\n',
    'core.check.js': "import { rate } from './core/index.js'\nif (rate() !== 7) throw new Error('rate is wrong')\n",
  },
  say: answer(1),
}
/** Uses a package that no repository had when they were registered, nor used. */
const USER: Behaviour = {
  write: {
    'package.json': shop({ 'rates-core': '^1.0.0' }),
    'index.js':
      "import { rate } from 'rates-core'\nexport const ok = true\nexport const gross = (net) => net + (net * rate()) / 100\n",
    'gross.check.js': "import { gross } from './index.js'\nif (gross(100) !== 107) throw new Error('gross is wrong')\n",
  },
  say: answer(1),
}

test('a package that is new in a change set, and used for the first time in it, is built against and delivered first', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  // Registered in the wrong order: nothing but what is new says who comes first.
  const roots = { shop: makeRepository(folder, 'shop'), rates: makeRepository(folder, 'rates') }
  for (const path of Object.values(roots)) await agent.ok('repository_register', { path })
  const core = await makeTask(agent, 'rates', 'Core of the rates')
  const gross = await makeTask(agent, 'shop', 'Gross price', { depends_on: [core] })
  const kept = join(folder, 'message.md')
  const command = scriptedAgent(folder, { Core: [LIBRARY], Gross: [{ ...USER, keep: kept }] })
  const started = await agent.ok<{ run: string; change_set: string }>('run_start', {
    tasks: [core, gross],
    agent: 'command',
    command,
    attempts: 1,
    deliver: 'merge',
  })
  const { run, tasks } = await untilStill(agent, started.run)
  expect([run.state, tasks.map(({ failure }) => failure)]).toEqual(['succeeded', [undefined, undefined]])
  expect(await agent.ok('changeset_get', { id: started.change_set })).toMatchObject({
    order: [['rates'], ['shop']],
    edges: expect.arrayContaining([
      expect.objectContaining({
        from: 'rates',
        to: 'shop',
        kind: 'package',
        why: expect.stringMatching(/npm package rates-core/),
      }),
    ]),
  })
  expect(git(roots.shop, 'show', 'main:index.js')).toContain("from 'rates-core'")
  expect(git(roots.shop, 'diff', '--name-only', 'main~1', 'main').trim().split('\n').toSorted()).toEqual([
    'gross.check.js',
    'index.js',
    'package.json',
  ])
  const message = readFileSync(kept, 'utf8')
  expect(message).toMatch(/^- rates lies in .*TASK-2-1\/rates\.$/m)
  expect(message).toContain('is to be read, not to be changed')
})

test('work that names a package which two of its neighbours have is refused with the reason', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const core = { 'core/package.json': library('rates-core'), 'core/index.js': 'export const rate = () => 7\n' }
  for (const name of ['one', 'two'])
    await agent.ok('repository_register', { path: makeRepository(folder, name, { files: core }) })
  await agent.ok('repository_register', { path: makeRepository(folder, 'shop') })
  const before = [await makeTask(agent, 'one', 'First'), await makeTask(agent, 'two', 'Second')]
  const gross = await makeTask(agent, 'shop', 'Gross price', { depends_on: before })
  const more: Behaviour = { append: { 'index.js': 'export const more = 1\n' }, say: answer(1) }
  const command = scriptedAgent(folder, { First: [more], Second: [more], Gross: [USER] })
  const { run: id } = await agent.ok<{ run: string }>('run_start', {
    tasks: [...before, gross],
    agent: 'command',
    command,
    attempts: 1,
  })
  const { run, tasks } = await untilStill(agent, id)
  expect(run.state).toBe('failed')
  expect(tasks.find((task) => task.id === gross)).toMatchObject({
    failure: 'CROSS_REPO',
    summary: expect.stringMatching(/Both (one|two) and (one|two) contain the package rates-core/),
  })
  for (const name of ['one', 'two', 'shop'])
    expect(git(join(folder, name), 'worktree', 'list').trim().split('\n')).toHaveLength(1)
})
