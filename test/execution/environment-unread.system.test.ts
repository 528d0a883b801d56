import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'
import { makeRepository, makeTask } from '../mcp/workspace.ts'
import { untilStill } from './progress.ts'

/** Values that no other process of this machine holds, under names that say what they are and names that do not. */
const SECRETS = {
  DEPLOY_TOKEN: 'canary-of-a-token-4711',
  MY_SETTING: 'canary-of-a-setting-4712',
  SPEKI_THING: 'canary-of-ours-4713',
}

const onLinux = test.runIf(process.platform === 'linux')

/** What the system shows of the processes whose command line names this text. */
const shownOf = (text: string) =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && read(entry, 'cmdline').includes(text))
    .map((pid) => `${read(pid, 'cmdline').replaceAll('\0', ' ')}: ${read(pid, 'environ')}`)

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It has ended.
    return ''
  }
}

onLinux(
  'an agent reads no secret of the person in the processes above it; what was handed on by name it has',
  async () => {
    const folder = await temporaryFolder()
    const db = join(folder, 'speki.db')
    const agent = await connect({ db, env: SECRETS })
    await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
    const task = await makeTask(agent, 'api', 'Export more')
    const file = join(folder, 'agent.mjs')
    const seen = join(folder, 'seen')
    writeFileSync(
      file,
      `import fs from 'node:fs'
const all = fs.readdirSync('/proc').filter((pid) => /^\\d+$/.test(pid) && pid !== String(process.pid)).map((pid) => { try { return fs.readFileSync('/proc/' + pid + '/environ', 'utf8') } catch { return '' } })
const values = ${JSON.stringify(Object.values(SECRETS))}
const ours = fs.readdirSync('/proc').filter((pid) => { try { const line = fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8'); return line.includes(${JSON.stringify(db)}) } catch { return false } })
fs.writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ read: values.filter((value) => all.some((text) => text.includes(value))), ours: ours.length, given: process.env.DEPLOY_TOKEN }))
fs.appendFileSync('index.js', 'export const more = 1\\n')
`,
    )
    const { run } = await agent.ok<{ run: string }>('run_start', {
      tasks: [task],
      agent: 'command',
      command: [process.execPath, file],
      variables: ['DEPLOY_TOKEN'],
      attempts: 1,
    })
    const shown = shownOf(db)
    expect((await untilStill(agent, run)).run.state).toBe('succeeded')
    expect(JSON.parse(readFileSync(seen, 'utf8'))).toMatchObject({ read: [], given: SECRETS.DEPLOY_TOKEN })
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.filter((text) => text.includes('canary'))).toEqual([])
  },
)

onLinux.each([['serve', '--port', '0'], ['worker']])('speki %s shows none', async (...args) => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const env = { ...process.env, ...SECRETS, TMPDIR: folder, SPEKI_HOME: folder, SPEKI_DATABASE_URL: '' }
  const server = spawn(process.execPath, [CLI, ...args, '--db', db], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void server.kill('SIGKILL'))
  const shown = () => read(String(server.pid), 'environ')
  await expect.poll(shown, { timeout: 60_000 }).toContain('SPEKI_HANDED')
  expect(shown().includes('canary')).toBe(false)
  await expect
    .poll(() => readdirSync(folder).filter((name) => name.startsWith('speki-')), { timeout: 60_000 })
    .toEqual([])
  server.kill('SIGTERM')
  await once(server, 'exit')
})

test('a variable that names a file of somebody has it neither read nor deleted', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'notes.json')
  writeFileSync(file, '{"SPEKI_AGENT":"somebody"}')
  const env = { ...process.env, SPEKI_HANDED: file, SPEKI_HOME: folder }
  const command = spawn(process.execPath, [CLI, 'status', '--json'], { env, stdio: 'ignore' })
  expect((await once(command, 'exit'))[0]).toBe(0)
  expect(readFileSync(file, 'utf8')).toBe('{"SPEKI_AGENT":"somebody"}')
})
