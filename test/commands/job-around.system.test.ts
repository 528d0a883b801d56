import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'

const CLEAN = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'SPEKI_MARK'))

async function world() {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  await agent.ok('prd_create', {
    title: 'Orders',
    body: '# Orders\n\n## Requirements\n\n- FR-001: It must answer 201.\n',
  })
  return { folder, db, agent }
}

/** A program that looks like a worker of the workspace, runs a shell line without any variable of ours, and keeps its exit code. */
async function underWorker(folder: string, workspace: string, line: string): Promise<number> {
  const program = join(folder, 'speki.js')
  const code = join(folder, 'code')
  writeFileSync(
    program,
    `import { spawnSync } from 'node:child_process'; spawnSync('sh', ['-c', process.env.LINE], { env: { PATH: process.env.PATH, HOME: process.env.HOME } })`,
  )
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const env = { ...CLEAN, LINE: `${line}; echo $? > ${code}.part; mv ${code}.part ${code}` }
  const child = spawn(process.execPath, [program, 'worker', '--db', workspace], { env, stdio: 'ignore' })
  onTestFinished(() => void child.kill())
  await expect.poll(() => existsSync(code), { timeout: 60_000 }).toBe(true)
  return Number(readFileSync(code, 'utf8'))
}

const approve = (db: string) => `'${process.execPath}' '${CLI}' approve PRD-1 --db '${db}'`

test.runIf(process.platform !== 'win32').each<[string, (folder: string, db: string) => string]>([
  ['as it is', (_, db) => approve(db)],
  ['through shells', (_, db) => `sh -c "sh -c \\"${approve(db)}\\""`],
  [
    'with the database by a link',
    (folder, db) => {
      symlinkSync(db, join(folder, 'other.db'))
      return approve(join(folder, 'other.db'))
    },
  ],
  ['with a variable that says nothing', (_, db) => `SPEKI_MARK= ${approve(db)}`],
  ['as a named person', (_, db) => `SPEKI_USER=ann ${approve(db)}`],
])('what a worker of the workspace started is no person, though it dropped the variable: %s', async (_, line) => {
  const { folder, db, agent } = await world()
  expect(await underWorker(folder, db, line(folder, db))).toBe(6)
  expect(await agent.ok('prd_get', { id: 'PRD-1' })).toMatchObject({ state: 'draft' })
})

test('what a worker of another workspace started is a person here, as a test of SPEKI by SPEKI is', async () => {
  const { folder, db, agent } = await world()
  expect(await underWorker(folder, join(folder, 'another.db'), approve(db))).toBe(0)
  expect(await agent.ok('prd_get', { id: 'PRD-1' })).toMatchObject({ state: 'approved' })
})

test('who stands in a worktree that SPEKI made is no person', async () => {
  const { db } = await world()
  const place = join(`${db}.execution`, 'attempts', 'TASK-1-1', 'api')
  mkdirSync(place, { recursive: true })
  const run = promisify(execFile)
  const args = [CLI, 'approve', 'PRD-1', '--db', db]
  await expect(run(process.execPath, args, { env: CLEAN, cwd: place })).rejects.toMatchObject({ code: 6 })
  await run(process.execPath, args, { env: CLEAN })
})
