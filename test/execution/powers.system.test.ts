import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'
import { makeRepository, makeTask } from '../mcp/workspace.ts'
import { until, untilStill } from './progress.ts'

/** A run over one task whose agent is this JavaScript; it has `cli(variables, ...arguments)` and `fs`. */
async function begin(code: string) {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
  await agent.ok('prd_create', {
    title: 'Orders',
    body: '# Orders\n\n## Requirements\n\n- FR-001: It must answer 201.\n',
  })
  const task = await makeTask(agent, 'api', 'Export more')
  const file = join(folder, 'agent.mjs')
  writeFileSync(
    file,
    `import fs from 'node:fs'
import { spawnSync } from 'node:child_process'
const FOLDER = ${JSON.stringify(folder)}
const cli = (env, ...args) => spawnSync(process.execPath, [${JSON.stringify(CLI)}, ...args, '--db', ${JSON.stringify(db)}], { env: { PATH: process.env.PATH, ...env } })
fs.appendFileSync('index.js', 'export const more = 1\\n')
${code}
`,
  )
  const run = { tasks: [task], agent: 'command', command: [process.execPath, file], attempts: 1 }
  const { run: id } = await agent.ok<{ run: string }>('run_start', run)
  return { folder, db, agent, task, id }
}

test.each([
  ['approves', `cli(process.env, 'approve', 'PRD-1')`],
  ['approves without the variable of its run', `process.chdir('/'); cli({}, 'approve', 'PRD-1')`],
  ['sets the check that judges it', `cli(process.env, 'repository', 'commands', 'api', '--test', 'node -e 0')`],
  ['closes its own task', `cli(process.env, 'task', 'override', 'TASK-1', '--reason', 'x')`],
  ['changes a setting', `cli(process.env, 'rule', 'gate', 'approve', '--off')`],
])('an agent of a run that %s is refused', async (name, code) => {
  const { agent, id, task } = await begin(code)
  const { run } = await untilStill(agent, id)
  expect(await agent.ok('prd_get', { id: 'PRD-1' })).toMatchObject({ state: 'draft' })
  const { repositories } = await agent.ok<{ repositories: { commands: { source: string }[] }[] }>('repository_list', {})
  expect(JSON.stringify(repositories)).not.toContain('node -e 0')
  // Where it cannot be told which attempt asked, its work is judged as any other.
  if (name.includes('without the variable')) return
  expect(run.state).toBe('failed')
  expect(await agent.ok('task_get', { task })).toMatchObject({ status: 'failed' })
  const { events } = await agent.ok<{ events: { type: string }[] }>('activity_list', { limit: 50 })
  expect(events.map(({ type }) => type)).toContain('attempt.refused')
})

test.for([
  ['takes away', 'fs.rmSync(place, { recursive: true, force: true })'],
  ['moves', `fs.renameSync(place, place + '-away')`],
] as const)(
  'an agent that %s the folder that it works in has failed, which is told as its own act',
  async ([, code]) => {
    const { agent, id, task } = await begin(`const place = process.cwd(); process.chdir('/'); ${code}`)
    const { run, tasks } = await untilStill(agent, id)
    expect(run.state).toBe('failed')
    expect(tasks[0]).toMatchObject({ attempts: 1, failure: 'SCOPE' })
    expect(tasks[0]?.summary).toMatch(/agent removed or moved the folder/)
    expect(await agent.ok('task_get', { task })).toMatchObject({ status: 'failed' })
  },
)

test('a run keeps the checks that it began with; what a person sets meanwhile counts for the next', async () => {
  const { agent, id, db, folder } = await begin(
    `while (!fs.existsSync(FOLDER + '/go')) await new Promise((done) => setTimeout(done, 50))`,
  )
  await until(agent, id, ({ tasks }) => tasks.some(({ working }) => working !== undefined))
  await person(db, 'repository', 'commands', 'api', '--test', `touch ${join(folder, 'later')}`)
  writeFileSync(join(folder, 'go'), '')
  expect((await untilStill(agent, id)).run.state).toBe('succeeded')
  expect(existsSync(join(folder, 'later'))).toBe(false)
})

test('a person who has a run go on means the checks as they are then; an agent does not change them by that', async () => {
  const { agent, id, db } = await begin(`fs.writeFileSync('index.js', 'export const ok = false\\n')`)
  expect((await untilStill(agent, id)).run.state).toBe('failed')
  await person(db, 'repository', 'commands', 'api', '--test', 'node --check index.js')
  await agent.ok('run_control', { run: id, action: 'retry' })
  expect((await untilStill(agent, id)).run.state).toBe('failed')
  await person(db, 'run', 'retry', id)
  expect((await untilStill(agent, id)).run.state).toBe('succeeded')
})

/** A command line of the person. */
async function person(db: string, ...args: readonly string[]): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([variable]) => variable !== 'SPEKI_MARK'))
  await promisify(execFile)(process.execPath, [CLI, ...args, '--db', db], { env })
}
