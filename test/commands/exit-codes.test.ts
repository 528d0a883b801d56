import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { CLI, temporaryFolder } from '../mcp/connect.ts'
import { makeRepository } from '../mcp/workspace.ts'

let folder: string
let env: NodeJS.ProcessEnv
beforeEach(async () => {
  folder = await temporaryFolder()
  env = { ...process.env, SPEKI_HOME: join(folder, 'home'), HOME: folder, CODEX_HOME: join(folder, 'codex') }
  delete env['CLAUDE_CONFIG_DIR']
})

async function speki(...args: string[]) {
  const run = promisify(execFile)(process.execPath, [CLI, ...args], { cwd: folder, env })
  return await run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

describe('a reader that goes', () => {
  test.each(['rule list', 'task list', '--help', 'run start --help'])(
    'speki %s | head -1 is quiet and no failure',
    async (line) => {
      // The reader has gone before the first word comes.
      const script = `set -o pipefail; '${process.execPath}' '${CLI}' ${line} | { exec <&-; }`
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env })
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
    },
  )
})

describe('a signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 0],
  ] as const)('%s ends what serves in order, with %i', async (signal, code) => {
    const child = spawn(process.execPath, [CLI, 'serve', '--port', '0'], { cwd: folder, env })
    const ended = once(child, 'close')
    await once(child.stderr, 'data')
    child.kill(signal)
    expect(await ended).toEqual([code, null])
  })
})

describe('help', () => {
  test.each([
    [[]],
    [['--help']],
    [['help']],
    [['task', '--help']],
    [['help', 'task']],
    [['mcp', '--help']],
    [['mcp', '-h']],
  ])('%j is told on stdout with 0', async (args) => {
    const { code, stdout, stderr } = await speki(...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: speki/)
  })

  test('stands in groups, and says nothing in calls of tools', async () => {
    const { stdout } = await speki('help')
    const heads = [...stdout.matchAll(/^([A-Z][\w ]+):$/gm)].map(([, head]) => head)
    expect(heads).toEqual(['Options', 'See', 'Plan', 'Work', 'Move in and out', 'Set up'])
    for (const args of [
      ['task', 'create'],
      ['plan', 'draft'],
      ['prd', 'export'],
    ])
      expect((await speki(...args, '--help')).stdout).not.toMatch(/\b(task|prd|plan)_[a-z]+\b/)
  })

  test('of the main commands shows examples', async () => {
    expect((await speki('prd', 'create', '--help')).stdout).toMatch(/Examples:\n {2}speki prd create/)
  })

  test.each(['--version', '-V'])('%s is told', async (flag) => {
    expect((await speki(flag)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

test('a word that is wrong is told with the nearest right one, on stderr, with 2', async () => {
  const { code, stdout, stderr } = await speki('tsak', 'list')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^speki: unknown command 'tsak'\n\(Did you mean task\?\)/)
})

test('a refusal names commands and flags, not calls and arguments', async () => {
  const missing = await speki('prd', 'get', 'PRD-9')
  const wrong = await speki('task', 'update', 'TASK-1', '--lease-token', 'x'.repeat(300))
  expect(missing).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining('Next: List them with speki prd list.'),
  })
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--lease-token: Too big') })
})

describe('an export', () => {
  test.each([
    ['onto a file', ['export', 'mine.md']],
    ['onto a file, as the operation', ['prd', 'export', 'mine.md']],
    ['below a file', ['export', 'mine.md/specs']],
    ['below a file, as JSON', ['export', '--json-file', 'mine.md']],
    ['onto JSON that is not its own', ['export', '--json-file', 'mine.json']],
    ['into a folder that is not its own', ['export', 'own']],
  ])('%s is refused, and nothing is written', async (_, args) => {
    mkdirSync(join(folder, 'own'))
    for (const name of ['mine.md', 'mine.json', 'own/a.txt']) writeFileSync(join(folder, name), '{"a":1}')
    await speki('prd', 'create', 'T', '--body', '# T')
    const { code, stderr } = await speki(...args)
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringMatching(/Nothing was written|no folder/),
    })
    for (const name of ['mine.md', 'mine.json', 'own/a.txt'])
      expect(readFileSync(join(folder, name), 'utf8')).toBe('{"a":1}')
  })

  test('leaves a file of somebody that has the name of one of its own, and says so', async () => {
    await speki('repository', 'register', makeRepository(folder, 'api'))
    await speki('prd', 'create', 'T', '--body', '# T', '--repositories', 'api')
    await speki('export', 'specs')
    const name = 'PRD-1-t.tasks.md'
    writeFileSync(join(folder, 'specs', name), 'my own notes\n')
    await speki('task', 'create', 'X', '--prd', 'PRD-1', '--repository', 'api')
    const { code, stdout } = await speki('export', 'specs')
    expect(code).toBe(0)
    expect(stdout).toContain(`${name}: was not written by an export`)
    expect(readFileSync(join(folder, 'specs', name), 'utf8')).toBe('my own notes\n')
  })
})

describe('init without a terminal', () => {
  const files = () =>
    ['.claude.json', 'codex/config.toml', '.mcp.json'].filter((name) => existsSync(join(folder, name)))

  test('shows the change of each file and writes nothing', async () => {
    const { code, stdout } = await speki('init')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /\.claude\.json[\s\S]*\+ {4}"speki"[\s\S]*config\.toml[\s\S]*\+\[mcp_servers\.speki\][\s\S]*--yes/,
    )
    expect(files()).toEqual([])
  })

  test.each([
    [['--yes'], ['.claude.json', 'codex/config.toml']],
    [['--yes', '--client', 'codex'], ['codex/config.toml']],
    [['--yes', '--scope', 'project', '--client', 'claude'], ['.mcp.json']],
    [['--yes', '--dry-run'], []],
    // As scripts have it since before there were scopes.
    [['--write'], ['codex/config.toml', '.mcp.json']],
  ])('%j writes %j, with the place of the database, and an undo takes it back', async (flags, written) => {
    expect((await speki('init', ...flags)).code).toBe(0)
    expect(files()).toEqual(written)
    for (const name of written) expect(readFileSync(join(folder, name), 'utf8')).toContain(join(folder, 'home'))
    const shown = await speki('init', '--undo')
    expect(files()).toEqual(written)
    expect(shown.code).toBe(written.length === 0 ? 3 : 0)
    await speki('init', '--undo', '--yes')
    expect(files()).toEqual([])
  })

  test('keeps its answer for scripts', async () => {
    const { stdout } = await speki('init', '--client', 'claude', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      claude: {
        command: expect.stringMatching(/^claude mcp add/),
        written: false,
        content: expect.stringContaining('speki'),
      },
    })
  })
})
