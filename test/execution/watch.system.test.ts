import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify, stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'
import { makeRepository, makeTask } from '../mcp/workspace.ts'
import { until, untilStill } from './progress.ts'
import { answer, scriptedAgent } from './scripted-agent.ts'

interface Page {
  readonly run: { readonly state: string }
  readonly done: number
  readonly events: { readonly type: string; readonly subject: string }[]
  readonly events_cursor: number
}

/** One task that waits for a file, in a run. */
async function begin(title: string) {
  const folder = await temporaryFolder()
  const gate = join(folder, 'go')
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
  const task = await makeTask(agent, 'api', title)
  const command = scriptedAgent(folder, {
    Good: [{ append: { 'index.js': 'export const more = 1\n' }, waitFor: gate, say: answer(1) }],
    Bad: [{ write: { 'index.js': 'export const ok = false\n' }, waitFor: gate, say: answer(1) }],
  })
  const { run } = await agent.ok<{ run: string }>('run_start', {
    tasks: [task],
    agent: 'command',
    command,
    attempts: 1,
  })
  await until(agent, run, ({ tasks }) => tasks.some(({ working }) => working !== undefined))
  return { agent, db, run, open: () => writeFileSync(gate, '') }
}

const watching = (db: string, run: string) => [CLI, 'run', 'watch', run, '--db', db]

test('a run is followed to its end, line by line where no terminal is', async () => {
  const { db, run, open, agent } = await begin('Good')
  const watch = promisify(execFile)(process.execPath, watching(db, run))
  open()
  const { stdout } = await watch
  for (const type of ['run.queued', 'run.started', 'attempt.started', 'attempt.landed', 'run.succeeded'])
    expect(stdout, stdout).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d +(RUN|TASK)-1 +${type.replace('.', '\\.')}`, 'm'))
  expect(stdout).toMatch(/state +succeeded/)
  expect(stdout).toMatch(/done +1 of 1/)

  // Page by page over the protocol: every event once, none lost between the pages.
  const types: string[] = []
  let after = 0
  for (;;) {
    const page: Page = await agent.ok('run_status', { id: run, after })
    if (page.events.length === 0) break
    types.push(...page.events.map(({ type, subject }) => `${subject} ${type}`))
    after = page.events_cursor
    expect(page.done).toBe(1)
  }
  const tooFar = await agent.call('run_status', { run, after: after + 1000 })
  expect(tooFar.text).toMatch(/No page follows the cursor.*run_status run="RUN-1"/s)
  const lines = stdout
    .split('\n')
    .flatMap((line) => /((?:RUN|TASK|CS)-\d+) +(\S+)/.exec(line)?.slice(1).join(' ') ?? [])
  expect(types).toEqual(lines.filter((line) => line.includes('.')))
})

test('a run that does not succeed ends the command with 1, after all that happened, however late it is read', async () => {
  const { db, run, open, agent } = await begin('Bad')
  open()
  await untilStill(agent, run)
  // More has happened than one look takes in, and than waits in a pipe.
  for (let change = 0; change < 300; change += 1) {
    const { revision } = await agent.ok<{ revision: number }>('task_get', { task: 'TASK-1' })
    await agent.ok('task_update', { task: 'TASK-1', revision, priority: 1 + (change % 90) })
  }
  const watch = spawn(process.execPath, watching(db, run), { stdio: ['ignore', 'pipe', 'inherit'] })
  // Nothing is read while this thread sleeps.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000)
  const [stdout, ended] = await Promise.all([text(watch.stdout), once(watch, 'exit')])
  expect(stdout.match(/task\.updated/g)).toHaveLength(300)
  expect(stdout).toMatch(/state +failed/)
  expect(ended).toEqual([1, null])
})

test.skipIf(!existsSync('/usr/bin/script'))('a terminal shows a table that changes', async () => {
  const { db, run, open } = await begin('Good')
  const watchLine = [process.execPath, ...watching(db, run)].map((part) => `'${part}'`).join(' ')
  // Without a terminal around it, `script` makes one of no width.
  const line = `stty cols 160 rows 40; ${watchLine}`
  const watch = spawn('/usr/bin/script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let shown = ''
  watch.stdout.on('data', (chunk) => {
    shown += chunk
  })
  const ended = new Promise((done) => watch.once('exit', done))
  await expect.poll(() => stripVTControlCharacters(shown)).toMatch(/TASK-1 +api +Good +in_progress +command, attempt 1/)
  open()
  expect(await ended).toBe(0)
  expect(stripVTControlCharacters(shown)).toMatch(/TASK-1 +api +Good +done/)
  // The table was written over, not again and again below itself.
  expect(shown).toContain('\u001b[2K')
})
