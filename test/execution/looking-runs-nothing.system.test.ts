import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type Agent, CLI, connect, shared, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'

/** Calls of git that read. */
const LOOKING = new Set(['--version', 'cat-file', 'check-ignore', 'config', 'for-each-ref', 'log', 'ls-files', 'ls-remote', 'ls-tree', 'merge-base', 'rev-list', 'rev-parse', 'show-ref', 'status', 'symbolic-ref']) // biome-ignore format: words

/** What the sandbox puts around nothing, to see whether it starts. */
const isTrial = (line: string) => /^(?:bwrap|sandbox-exec) .*\btrue$/.test(line)
const isLook = (line: string) =>
  isTrial(line) || (line.startsWith('git ') && (LOOKING.has(verbOf(line)) || line.includes(' worktree list ')))

/** Programs that no search of this machine's folders may find, but a person has. */
const CLIENTS = ['claude', 'codex', 'my-agent', 'git-lfs', 'ssh', 'gh', 'npm', 'pnpm', 'uv', 'make', 'python3']

/** A path on which every program leaves a line and does nothing; git goes on to the real one. */
function recordingPath(folder: string) {
  const [bin, log] = [join(folder, 'bin'), join(folder, 'started')]
  mkdirSync(bin)
  const recorder = join(folder, 'recorder.sh')
  const real = (process.env['PATH'] ?? '').split(delimiter).map((at) => join(at, 'git'))
  const gitFile = real.find((file) => existsSync(file)) ?? 'git'
  writeFileSync(
    recorder,
    `#!/bin/sh\nprintf '%s' "\${0##*/}" >> '${log}'\nfor word in "$@"; do printf ' %s' "$word" >> '${log}'; done\nprintf '\\n' >> '${log}'\ncase "\${0##*/}" in git) exec '${gitFile}' "$@" ;; esac\n`,
  )
  chmodSync(recorder, 0o755)
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((at) => existsSync(at))
  const names = new Set([...folders.flatMap((at) => readdirSync(at)), ...CLIENTS])
  for (const name of names) symlinkSync(recorder, join(bin, name))
  const started = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])
  return { bin, started }
}

/** The words of a call of git behind the settings that it brings. */
function verbOf(line: string): string {
  return (
    line
      .replace(/^git/, '')
      .replaceAll(/ -c \S+/g, '')
      .trim()
      .split(' ')[0] ?? ''
  )
}

/** A repository whose every setting, script and remote starts something. */
const world = shared(async (atEnd) => {
  const folder = await temporaryFolder(atEnd)
  const { bin, started } = recordingPath(folder)
  const files = {
    '.gitattributes': '*.dat filter=x\n*.bin filter=lfs\n',
    '.gitignore': 'node_modules/\n',
    'a.dat': 'one\n',
    'a.bin': 'one\n',
    'package.json':
      '{"name":"api","version":"1.0.0","type":"module","scripts":{"prepare":"my-agent","test":"node check.js"}}\n',
    'package-lock.json':
      '{"name":"api","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"api","version":"1.0.0"}}}\n',
    Makefile: 'test:\n\tmy-agent\n',
    '.github/workflows/ci.yml':
      'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n',
    '.taskmaster/tasks/tasks.json':
      '{"master":{"tasks":[{"id":1,"title":"Add a route","status":"pending","dependencies":[]}]}}\n',
  }
  const root = makeRepository(folder, 'api', { files })
  for (const name of ['near', 'far']) makeRepository(folder, name)
  git(folder, 'clone', '--quiet', '--bare', 'near', 'near.git')
  git(join(folder, 'near'), 'remote', 'add', 'origin', join(folder, 'near.git'))
  git(join(folder, 'near'), 'config', 'remote.origin.uploadpack', 'my-agent')
  git(join(folder, 'far'), 'remote', 'add', 'origin', 'https://nobody@localhost:1/far.git')
  git(join(folder, 'far'), 'config', 'credential.helper', '!my-agent')
  git(root, 'remote', 'add', 'origin', 'git@localhost:nobody/api.git')
  for (const key of ['filter.x.clean', 'filter.x.smudge', 'filter.lfs.process', 'core.sshCommand', 'core.fsmonitor'])
    git(root, 'config', key, 'my-agent')
  git(root, 'config', 'filter.lfs.clean', 'git-lfs clean -- %f')
  // Files of another time: whoever wants to know whether they differ has to read them.
  for (const file of ['a.dat', 'a.bin']) utimesSync(join(root, file), 1, 1)
  const env = { PATH: bin, SPEKI_HOME: join(folder, 'home'), HOME: join(folder, 'person') }
  const db = join(folder, 'home', 'speki.db')
  const agent = await connect({ db, env }, atEnd)
  for (const name of ['api', 'near', 'far']) await agent.ok('repository_register', { path: join(folder, name) })
  const tasks: string[] = []
  for (const name of ['api', 'near', 'far']) tasks.push(await makeTask(agent, name, `Change ${name}`))
  return { folder, root, agent, tasks, db, env, started }
})

interface Looked {
  readonly preflight: { readonly subject: string; readonly level: string; readonly message: string }[]
}

const look = async (agent: Agent, tasks: readonly string[], more: object) =>
  await agent.ok<Looked>('run_start', { tasks, dry_run: true, ...more })

const speki = async ({ db, env }: { readonly db: string; readonly env: Record<string, string> }, ...args: string[]) =>
  // A doctor that finds something ends with a code of its own.
  await promisify(execFile)(process.execPath, [CLI, ...args, '--db', db], { env }).catch((error: unknown) => error)

describe('who only looks starts no program but git, and git only to read', () => {
  test.each<[string, (w: ReturnType<typeof world>) => Promise<unknown>]>([
    ['registering', async ({ agent, root }) => await agent.ok('repository_register', { path: root })],
    ['a look at a run by Claude Code', async ({ agent, tasks }) => await look(agent, tasks, {})],
    ['by Codex', async ({ agent, tasks }) => await look(agent, tasks, { agent: 'codex', fallback: ['claude'] })],
    ['by a program', async ({ agent, tasks }) => await look(agent, tasks, { agent: 'command', command: ['my-agent'] })],
    [
      'by the Agent Client Protocol',
      async ({ agent, tasks }) => await look(agent, tasks, { agent: 'acp', command: ['my-agent', '--acp'] }),
    ],
    ['the doctor', async (w) => await speki(w, 'doctor')],
    ['the state', async (w) => await speki(w, 'status')],
    ['the list of repositories', async ({ agent }) => await agent.ok('repository_list', {})],
    ['an import', async ({ agent, root }) => await agent.ok('prd_import', { path: root })],
    ['a task', async ({ agent, tasks }) => await agent.ok('task_get', { task: tasks[0] })],
  ])('%s', async (_, act) => {
    const w = world()
    const before = w.started().length
    await act(w)
    const lines = w.started().slice(before)
    expect(lines.filter((line) => !isLook(line))).toEqual([])
  })

  test('registering before, too', () => {
    const lines = world().started()
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.filter((line) => !isLook(line))).toEqual([])
  })
})

test('a look tells what a start would do, and leaves nothing behind', async () => {
  const { agent, tasks, root, db } = world()
  const config = readFileSync(join(root, '.git', 'config'), 'utf8')
  const { preflight } = await look(agent, tasks, {})
  const of = (name: string) => preflight.filter(({ subject }) => subject === name).map(({ message }) => message)
  expect(of('claude')).toContain('It is here.')
  expect(of('api')).toContainEqual(
    expect.stringMatching(
      /Not measured at \w{10} yet: a start would install with npm ci .*, then run npm test there twice/,
    ),
  )
  expect(of('api')).toContain('Its remote is asked when the run starts, not for a look.')
  expect(of('far')).toContain('Its remote is asked when the run starts, not for a look.')
  expect(of('near')).toContain('Its remote answers.')
  expect(of('near').join(' ')).not.toMatch(/install/)
  expect(existsSync(`${db}.execution`)).toBe(false)
  expect(existsSync(join(root, 'node_modules'))).toBe(false)
  expect(readFileSync(join(root, '.git', 'config'), 'utf8')).toBe(config)
  expect(git(root, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
})
