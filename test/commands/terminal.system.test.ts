import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { CLI, temporaryFolder } from '../mcp/connect.ts'
import { makeRepository } from '../mcp/workspace.ts'
import { inTerminal } from './pseudo-terminal.ts'

// There is no `script` on Windows; what these show of the terminal itself is the same there.
const onUnix = describe.runIf(process.platform !== 'win32')

let folder: string
let env: Record<string, string>
beforeEach(async () => {
  folder = await temporaryFolder()
  env = { SPEKI_HOME: join(folder, 'home'), SPEKI_USER: 'tester', HOME: folder, CODEX_HOME: join(folder, 'codex') }
})

async function speki(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
  })
  return stdout
}

const RIGHT = '\u001b[C'
const ENTER = '\r'

onUnix('on a terminal', () => {
  test('a list fits, is coloured and tells times from now; NO_COLOR takes the colour away', async () => {
    await speki('repository', 'register', makeRepository(folder, 'api'))
    await speki('task', 'create', `A title ${'that is long '.repeat(15)}`, '--repository', 'api')
    const list = inTerminal(['task', 'list'], { cwd: folder, env, columns: 70 })
    const feed = inTerminal(['activity', 'list'], { cwd: folder, env: { ...env, NO_COLOR: '1' } })
    const refused = inTerminal(['task', 'get', 'TASK-9'], { cwd: folder, env })
    expect([await list.ends(), await feed.ends(), await refused.ends()]).toEqual([0, 0, 3])
    for (const line of list.screen().split(/\r?\n/))
      if (!line.startsWith('Not shown')) expect(line.length).toBeLessThanOrEqual(70)
    expect(list.screen()).toMatch(/TASK-1 +A title that is long.*…/)
    expect(list.raw()).toContain('\u001b[1m')
    expect(feed.screen()).toMatch(/just now|minutes? ago/)
    expect(feed.raw()).not.toContain('\u001b[')
    expect(refused.raw()).toContain('\u001b[31mspeki:')
  })

  test('the board follows the database, opens a task, and gives the terminal back', async () => {
    await speki('repository', 'register', makeRepository(folder, 'api'))
    await speki('task', 'create', 'First', '--repository', 'api', '--description', 'What it is about')
    const board = inTerminal(['board'], { cwd: folder, env })
    await board.sees(/Ready 1[\s\S]*TASK-1 api[\s\S]*First/)
    await speki('task', 'create', 'Second', '--repository', 'api')
    await board.sees(/Ready 2[\s\S]*TASK-2/)
    await speki('task', 'claim', 'TASK-1')
    await board.sees(/In progress 1/)
    board.type(RIGHT + RIGHT)
    board.type(ENTER)
    await board.sees(/What it is about/)
    board.type('q')
    await board.sees(/q quits/)
    board.type('q')
    expect(await board.ends()).toBe(0)
    expect(board.raw().trimEnd().endsWith('\u001b[?1049l')).toBe(true)
  })

  test('Ctrl-C ends the board with 130', async () => {
    await speki('repository', 'register', makeRepository(folder, 'api'))
    const board = inTerminal(['board'], { cwd: folder, env })
    await board.sees(/q quits/)
    board.type('\u0003')
    expect(await board.ends()).toBe(130)
  })

  test('init asks, shows the change, and writes what was agreed to', async () => {
    const settings = join(folder, '.claude.json')
    writeFileSync(settings, '{\n  "theme": "dark"\n}\n')
    const init = inTerminal(['init'], { cwd: folder, env })
    await init.sees(/Which clients/)
    init.type(ENTER)
    await init.sees(/Where\?/)
    init.type(ENTER)
    await init.sees(/\+ {4}"speki": \{[\s\S]*Write .*\.claude\.json/)
    expect(readFileSync(settings, 'utf8')).not.toContain('speki')
    init.type('y')
    await init.sees(/additionalDirectories[\s\S]*Write .*settings\.json/)
    init.type('y')
    await init.sees(/Write .*config\.toml/)
    init.type('n')
    expect(await init.ends()).toBe(0)
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toMatchObject({ theme: 'dark', mcpServers: { speki: {} } })
    expect(existsSync(join(folder, 'codex', 'config.toml'))).toBe(false)
  })

  test('init that is left writes nothing and ends with 130', async () => {
    const init = inTerminal(['init'], { cwd: folder, env })
    await init.sees(/Which clients/)
    init.type('\u0003')
    expect(await init.ends()).toBe(130)
    expect(existsSync(join(folder, '.claude.json'))).toBe(false)
  })

  test('Tab in bash completes commands, flags, choices, keys and names', async () => {
    await speki('repository', 'register', makeRepository(folder, 'api'))
    await speki('task', 'create', 'First', '--repository', 'api')
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin', 'speki'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, {
      mode: 0o755,
    })
    const script = [
      'eval "$(speki completion bash)"',
      't() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _speki 2>/dev/null; echo "${COMPREPLY[*]}"; }',
      't speki ta',
      't speki task cl',
      't speki task list --st',
      't speki task list --status in_',
      't speki task list --status = in_',
      't speki task list --status =',
      't speki task list --status=do',
      't speki task list --json --repository ""',
      't speki task get ta',
      't speki task claim --worktree TASK-',
      't speki completion ""',
      `SPEKI_HOME='${join(folder, 'none')}' t speki task get ""`,
    ].join('\n')
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      cwd: folder,
      env: { ...process.env, ...env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
    })
    expect(stdout.split('\n')).toEqual([
      'task',
      'claim',
      '--stale --status',
      'in_progress in_review',
      'in_progress in_review',
      'todo in_progress in_review done failed blocked cancelled',
      '--status=done',
      'api',
      'TASK-1',
      'TASK-1',
      'bash zsh fish',
      '',
      '',
    ])
    expect(existsSync(join(folder, 'none', 'speki.db'))).toBe(false)
  })
})
