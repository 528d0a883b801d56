import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { type Agent, CLI, connect, shared, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'
import { untilStill } from './progress.ts'
import { answer, type Behaviour, scriptedAgent } from './scripted-agent.ts'

const SCHEMA = '{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://till.example/order.json"}\n'

/** A library and a service in JavaScript, and a client in Python that reads what lies beside it. */
const RATES = {
  'package.json':
    '{"name":"rates","version":"1.0.0","type":"module","exports":"./index.js","scripts":{"test":"node check.js"}}\n',
  'index.js': 'export const ok = true\nexport const rate = () => 19\n',
  'check.js': "import { rate } from './index.js'\nif (!(rate() > 0)) throw new Error('rate is not positive')\n",
}
const TILL = {
  'package.json':
    '{"name":"till","version":"1.0.0","type":"module","exports":"./index.js","scripts":{"test":"node check.js"},"dependencies":{"rates":"^1.0.0"}}\n',
  'index.js':
    "import { rate } from 'rates'\nexport const ok = true\nexport const gross = (net) => net + (net * rate()) / 100\n",
  'check.js': "import { gross } from './index.js'\nif (gross(100) !== 119) throw new Error('gross is ' + gross(100))\n",
  'api.json': '{"version": 1}\n',
  'order.schema.json': SCHEMA,
}
const REPORT = {
  'package.json': '{"private":true}\n',
  'index.js': '',
  'check.js': '',
  'vendor/order.schema.json': SCHEMA,
  'pyproject.toml': '[project]\nname = "report"\nversion = "1.0.0"\n',
  'report.py':
    'import json, pathlib\n\ndef version():\n    return json.loads((pathlib.Path(__file__).parent.parent / "till" / "api.json").read_text())["version"]\n',
  'test_report.py':
    'import unittest, report\n\nclass Report(unittest.TestCase):\n    def test_version(self):\n        self.assertGreaterEqual(report.version(), 1)\n',
}

type Name = 'rates' | 'till' | 'report'
const NAMES = ['rates', 'till', 'report'] as const

interface World {
  readonly agent: Agent
  readonly folder: string
  readonly roots: Readonly<Record<Name, string>>
  readonly tasks: readonly string[]
}

/** Three repositories with bare remotes, and three tasks: the rate, its use, the client. */
async function world(folder: string, agent: Agent): Promise<World> {
  const place = (name: Name, files: Record<string, string>) => {
    const root = makeRepository(folder, name, { files })
    git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', `${name}.git`)
    git(root, 'remote', 'add', 'origin', join(folder, `${name}.git`))
    git(root, 'push', '--quiet', 'origin', 'main')
    return root
  }
  const roots = { rates: place('rates', RATES), till: place('till', TILL), report: place('report', REPORT) }
  for (const path of Object.values(roots)) await agent.ok('repository_register', { path })
  const cli = (args: string[]) =>
    once(spawn(process.execPath, [CLI, ...args, '--db', join(folder, 'speki.db')], { stdio: 'ignore' }), 'exit')
  await cli(['repository', 'commands', 'report', '--test', 'python3 -m unittest -q'])
  const rate = await makeTask(agent, 'rates', 'Reduced rate')
  const gross = await makeTask(agent, 'till', 'Gross by kind', { depends_on: [rate] })
  const client = await makeTask(agent, 'report', 'Report of kinds', { depends_on: [gross] })
  return { agent, folder, roots, tasks: [rate, gross, client] }
}

/** A world in which the work is done and nothing is delivered: made once, and put back for each test. */
const worked = shared(async (atEnd) => {
  const folder = await temporaryFolder(atEnd)
  const [live, kept] = [join(folder, 'live'), join(folder, 'kept')]
  mkdirSync(live)
  const agent = await connect({ db: join(live, 'speki.db') }, atEnd)
  const { roots, tasks } = await world(live, agent)
  const { changeSet } = await run(agent, live, tasks)
  await agent.close()
  cpSync(live, kept, { recursive: true, filter: (path) => !/speki\.db(-\w+)?$/.test(path) })
  // Its worker may still be about to end, so the database is not copied as a file.
  const database = new DatabaseSync(join(live, 'speki.db'), { readOnly: true })
  await backup(database, join(kept, 'speki.db'))
  database.close()
  return async () => {
    rmSync(live, { recursive: true, force: true, maxRetries: 5 })
    cpSync(kept, live, { recursive: true, verbatimSymlinks: true })
    return { agent: await connect({ db: join(live, 'speki.db') }), folder: live, roots, changeSet }
  }
})

const REDUCED: Behaviour = {
  write: {
    'index.js': "export const ok = true\nexport const rate = (kind) => (kind === 'food' ? 7 : 19)\n",
    'food.check.js':
      "import { rate } from './index.js'\nif (rate('food') !== 7) throw new Error('food is not reduced')\n",
  },
  say: answer(1),
}
const GROSS: Behaviour = {
  write: {
    'index.js':
      "import { rate } from 'rates'\nexport const ok = true\nexport const gross = (net, kind) => net + (net * rate(kind)) / 100\n",
    'check.js':
      "import { gross } from './index.js'\nif (gross(100) !== 119) throw new Error('gross is ' + gross(100))\nif (gross(100, 'food') !== 107) throw new Error('food is ' + gross(100, 'food'))\n",
    'api.json': '{"version": 2}\n',
  },
  say: answer(1),
}
const CLIENT: Behaviour = {
  write: {
    'test_report.py':
      'import unittest, report\n\nclass Report(unittest.TestCase):\n    def test_version(self):\n        self.assertGreaterEqual(report.version(), 1)\n\n    def test_two(self):\n        self.assertEqual(report.version(), 2)\n',
  },
  append: { 'report.py': '\nKINDS = ("food",)\n' },
  say: answer(1),
}

async function run(agent: Agent, folder: string, tasks: readonly string[], more: Record<string, unknown> = {}) {
  const command = scriptedAgent(folder, { Reduced: [REDUCED], Gross: [GROSS], Report: [CLIENT] })
  const { run: id, change_set } = await agent.ok<{ run: string; change_set: string }>('run_start', {
    tasks,
    agent: 'command',
    command,
    attempts: 1,
    ...more,
  })
  return { ...(await untilStill(agent, id)).run, id, changeSet: change_set }
}

test('consumers are built against unmerged producers, and all is merged in order into the branches here', async () => {
  const place = await temporaryFolder()
  const { agent, folder, roots, tasks } = await world(place, await connect({ db: join(place, 'speki.db') }))
  const ended = await run(agent, folder, tasks, { deliver: 'merge' })
  expect([ended.state, ended.reason]).toEqual(['succeeded', undefined])
  expect(await agent.ok('changeset_get', { id: ended.changeSet })).toMatchObject({
    order: [['rates'], ['till'], ['report']],
    edges: [
      { from: 'rates', to: 'till', kind: 'package', why: 'uses the npm package rates', evidence: '.' },
      { from: 'till', to: 'report', kind: 'json-schema', evidence: 'vendor/order.schema.json' },
      { from: 'rates', to: 'till', kind: 'task' },
      { from: 'till', to: 'report', kind: 'task' },
    ],
  })
  for (const root of Object.values(roots)) {
    expect(git(root, 'status', '--porcelain')).toBe('')
    expect(git(root, 'rev-parse', 'main')).toBe(
      git(root, 'rev-parse', ended.changeSet.toLowerCase().replace('cs-', 'speki/cs-')),
    )
    expect(git(root, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
    // Nothing of the overrides reached a commit.
    expect(git(root, 'diff', '--name-only', 'main~1', 'main')).not.toMatch(/node_modules|go\.work|\.cargo/)
  }
  expect(git(roots.till, 'show', 'main:index.js')).toContain('rate(kind)')
  const order =
    git(roots.rates, 'log', '-1', '--format=%ct', 'main') <= git(roots.till, 'log', '-1', '--format=%ct', 'main')
  expect(order).toBe(true)
})

test('a member that contradicts its target branch is ejected with what builds on it', async () => {
  const { agent, roots, changeSet } = await worked()()
  writeFileSync(join(roots.till, 'index.js'), 'export const gross = () => 0\n')
  git(roots.till, 'commit', '--quiet', '--all', '--message', 'Somebody else')
  const tested = await agent.ok('changeset_integrate', { id: changeSet })
  expect(tested).toMatchObject({ passed: false, order: ['rates'] })
  expect(tested['ejected']).toEqual([
    { repository: 'till', reason: expect.stringMatching(/contradicts the target branch in .*index\.js/) },
    { repository: 'report', reason: 'It builds on till, which was ejected.' },
  ])
  const refused = await agent.ok('changeset_deliver', { id: changeSet })
  expect(refused['state']).toBe('refused')
  expect(git(roots.rates, 'show', 'main:index.js')).not.toContain('food')
})

test('delivery to bare remotes, killed before and after each merge, ends the same: each merged once, in order, as tested', {
  // Six deliveries, each tested again from the start.
  timeout: 1_200_000,
}, async () => {
  const { agent, folder, roots, changeSet } = await worked()()
  const preview = await agent.ok<{ confirm: string; steps: { repository: string; to: string }[] }>(
    'changeset_deliver',
    { id: changeSet, to: 'remote' },
  )
  expect(preview.steps.map(({ repository }) => repository)).toEqual(['rates', 'till', 'report'])
  for (const name of NAMES) {
    for (const hook of ['pre-receive', 'post-receive']) {
      // The remote stops in the middle of the push; the process that pushes is killed there.
      const file = join(folder, `${name}.git`, 'hooks', hook)
      const reached = join(folder, `${name}-${hook}`)
      writeFileSync(file, `#!/bin/sh\ntouch '${reached}'\nsleep 1\n`)
      chmodSync(file, 0o755)
      const confirm =
        (await agent.ok<{ confirm?: string }>('changeset_deliver', { id: changeSet, to: 'remote' })).confirm ?? ''
      const child = spawn(
        process.execPath,
        [
          CLI,
          'changeset',
          'deliver',
          changeSet,
          '--id',
          changeSet,
          '--to',
          'remote',
          '--confirm',
          confirm,
          '--db',
          join(folder, 'speki.db'),
        ],
        { stdio: 'ignore', detached: true },
      )
      const exit = once(child, 'exit')
      for (let looks = 0; looks < 2400 && !existsSync(reached) && child.exitCode === null; looks += 1)
        await new Promise((done) => setTimeout(done, 25))
      expect(existsSync(reached), `${name} ${hook}`).toBe(true)
      process.kill(-(child.pid ?? 0), 'SIGKILL')
      await exit
      rmSync(file)
      await new Promise((done) => setTimeout(done, 1200))
    }
  }
  const last = await agent.ok<{ state: string; confirm?: string }>('changeset_deliver', { id: changeSet, to: 'remote' })
  const done = await agent.ok<{ state: string }>('changeset_deliver', {
    id: changeSet,
    to: 'remote',
    confirm: last.confirm,
  })
  expect(done.state).toBe('delivered')
  for (const name of NAMES) {
    const to = preview.steps.find(({ repository }) => repository === name)?.to
    expect(git(join(folder, `${name}.git`), 'rev-parse', 'main').trim()).toBe(to)
    // The branch here is the person's to pull.
    expect(git(roots[name], 'status', '--porcelain')).toBe('')
  }
  expect((await agent.call('changeset_deliver', { id: changeSet, to: 'remote' })).text).toMatch(/delivered already/)
})

test('linked pull requests are opened as drafts and merged in order at exactly what was tested; again changes nothing', async () => {
  const { agent, folder, roots, changeSet } = await worked()()
  expect(
    (
      await agent.call('changeset_deliver', {
        id: changeSet,
        to: 'pull_requests',
        confirm: await tokenOf(agent, changeSet),
      })
    ).text,
  ).toMatch(/has no remote that keeps pull requests/)
  for (const name of NAMES) mkdirSync(join(folder, `${name}.git`, 'pull-requests'))
  // The platform of the second does not answer: told as that, nothing merged, and the same call goes on afterwards.
  const lock = join(folder, 'till.git', 'pull-requests', 'lock')
  writeFileSync(lock, '')
  // A lock of tomorrow does not get old while this runs.
  const tomorrow = new Date(Date.now() + 86_400_000)
  utimesSync(lock, tomorrow, tomorrow)
  const stopped = await agent.call('changeset_deliver', {
    id: changeSet,
    to: 'pull_requests',
    confirm: await tokenOf(agent, changeSet),
  })
  rmSync(lock)
  expect(stopped.text).toMatch(/stopped: till: The platform: .*lock/)
  expect(stopped.text).not.toMatch(/defect/)
  expect(stopped.output).toMatchObject({ state: 'stopped', steps: [] })
  expect(await agent.ok('changeset_get', { id: changeSet })).toMatchObject({ state: 'stopped' })
  const confirm = await tokenOf(agent, changeSet)
  const done = await agent.ok<{ state: string; steps: { to: string }[] }>('changeset_deliver', {
    id: changeSet,
    to: 'pull_requests',
    confirm,
  })
  expect(done.state).toBe('delivered')
  const requests = NAMES.map((name) =>
    JSON.parse(readFileSync(join(folder, `${name}.git`, 'pull-requests', '1.json'), 'utf8')),
  )
  expect(requests.map(({ state, draft }) => [state, draft])).toEqual([
    ['merged', false],
    ['merged', false],
    ['merged', false],
  ])
  expect(requests[0].body).not.toContain('Depends-On')
  expect(requests[1].body).toContain(`Depends-On: ${requests[0].url}`)
  expect(requests[2].body).toContain(`Depends-On: ${requests[1].url}`)
  expect(requests[1].body).toMatch(/\| till \(this\) \| main \|/)
  for (const [index, name] of NAMES.entries())
    expect(git(join(folder, `${name}.git`), 'rev-parse', 'main').trim()).toBe(done.steps[index]?.to)
  expect((await agent.call('changeset_deliver', { id: changeSet, to: 'pull_requests' })).text).toMatch(
    /delivered already/,
  )
  expect(git(roots.till, 'status', '--porcelain')).toBe('')
})

async function tokenOf(agent: Agent, id: string): Promise<string> {
  return (await agent.ok<{ confirm: string }>('changeset_deliver', { id, to: 'pull_requests' })).confirm
}
