import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { makeRepository, makeTask } from '../mcp/workspace.ts'
import { untilStill } from './progress.ts'
import { answer, scriptedAgent } from './scripted-agent.ts'

const GOOD = { append: { 'index.js': 'export const more = 1\n' }, say: answer(1) }

/** A check that wants these files to be there. */
const wants = (...files: readonly string[]) =>
  `import { readFileSync } from 'node:fs'\nfor (const file of ${JSON.stringify(files)}) readFileSync(file)\n`

test('what a folder depends on is taken over for each ecosystem in it, with a lock file and without', async () => {
  const folder = await temporaryFolder()
  const root = makeRepository(folder, 'shop', {
    files: {
      '.gitignore': 'node_modules/\nvendor/\ndeps/\n',
      'package-lock.json':
        '{"name":"shop","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"shop","version":"1.0.0"}}}\n',
      'composer.json': '{}\n',
      'check.js': wants('node_modules/a/index.js', 'vendor/b/index.php'),
    },
  })
  for (const file of ['node_modules/a/index.js', 'vendor/b/index.php', 'deps/c/mix.exs']) {
    mkdirSync(join(root, file, '..'), { recursive: true })
    writeFileSync(join(root, file), '')
  }
  const agent = await connect({ db: join(folder, 'speki.db') })
  await agent.ok('repository_register', { path: root })
  const task = await makeTask(agent, 'shop', 'More')
  const command = scriptedAgent(folder, { More: [GOOD] })
  const { run } = await agent.ok<{ run: string }>('run_start', { tasks: [task], agent: 'command', command })
  expect((await untilStill(agent, run)).tasks).toMatchObject([{ status: 'done', attempts: 1 }])
})

test('where all that a project in Elixir depends on cannot be had, what its tests need is enough', async () => {
  const folder = await temporaryFolder()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const mix =
    '#!/bin/sh\n[ "$*" = "deps.get --only test" ] && mkdir -p deps/a && echo > deps/a/mix.exs && exit\necho "no such host" >&2\nexit 1\n'
  writeFileSync(join(bin, 'mix'), mix, { mode: 0o755 })
  const files = { '.gitignore': 'deps/\n', 'mix.lock': '%{}\n', 'check.js': wants('deps/a/mix.exs') }
  const root = makeRepository(folder, 'shop', { files })
  const agent = await connect({
    db: join(folder, 'speki.db'),
    env: { PATH: `${bin}${delimiter}${process.env['PATH']}` },
  })
  await agent.ok('repository_register', { path: root })
  const task = await makeTask(agent, 'shop', 'More')
  const command = scriptedAgent(folder, { More: [GOOD] })
  const { run } = await agent.ok<{ run: string }>('run_start', { tasks: [task], agent: 'command', command })
  expect((await untilStill(agent, run)).tasks).toMatchObject([{ status: 'done', attempts: 1 }])
})
