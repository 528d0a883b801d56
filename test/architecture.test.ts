import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { components } from '../src/graph.ts'

const ROOT = resolve(import.meta.dirname, '..')

const LEAVES = [
  'src/errors',
  'src/expected',
  'src/request',
  'src/step',
  'src/log',
  'src/config',
  'src/graph',
  'src/redaction',
  'src/make-folder',
  'src/visible',
]

/** Who may import whom: an allow-list by longest prefix; everything else fails. A folder always may import itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  'src/errors': ['schemas', 'src/step'],
  'src/step': [],
  'src/expected': ['src/errors'],
  'src/request': [],
  'src/make-folder': ['src/errors', 'src/expected'],
  'src/log': ['src/request', 'src/redaction', 'src/visible'],
  'src/redaction': [],
  'src/visible': [],
  'src/config': ['src/errors', 'src/expected', 'src/log', 'src/request'],
  'src/graph': [],
  // What is deleted, moved and written over outside the database.
  'src/files': [...LEAVES],
  'src/store': ['schemas', ...LEAVES],
  // Reading of texts: no store, no rule of a team, no door.
  'src/spec': ['schemas', ...LEAVES],
  'src/documents': ['schemas', ...LEAVES, 'src/spec/markdown'],
  // Readings of large texts, in a thread of their own.
  'src/reading': ['schemas', ...LEAVES, 'src/spec', 'src/documents'],
  // The other end: it knows every reading there is.
  'src/reading-thread': ['schemas', ...LEAVES, 'src/reading', 'src/domain/plan', 'src/exchange'],
  'src/domain': ['schemas', ...LEAVES, 'src/store', 'src/documents', 'src/spec', 'src/reading'],
  // Who follows the log, and what runs in the background; what a job does is elsewhere.
  'src/events': ['schemas', ...LEAVES, 'src/store', 'src/domain'],
  'src/jobs': [...LEAVES, 'src/store', 'src/domain', 'src/events', 'src/process', 'src/git/git-mark'],
  'src/git': ['schemas', ...LEAVES, 'src/files', 'src/process'],
  'src/process': [...LEAVES, 'src/files'],
  'src/agents': ['schemas', ...LEAVES, 'src/files', 'src/process'],
  'src/validation': ['schemas', ...LEAVES, 'src/files', 'src/git', 'src/process'],
  'src/context': ['schemas', ...LEAVES, 'src/git'],
  'src/execution': [
    'src/jobs',
    'schemas',
    ...LEAVES,
    'src/domain',
    'src/store',
    'src/files',
    'src/git',
    'src/process',
    'src/agents',
    'src/context',
    'src/validation',
    'connectors/connector',
  ],
  // A platform knows the port and itself.
  connectors: ['schemas'],
  'connectors/local': ['schemas', 'connectors/connector'],
  'src/exchange': [
    'schemas',
    ...LEAVES,
    'src/files',
    'src/store',
    'src/domain',
    'src/documents',
    'src/spec',
    'src/reading',
  ],
  'src/exchange/formats': ['schemas', ...LEAVES, 'src/documents', 'src/spec', 'src/exchange/format'],
  'src/setup': ['schemas', ...LEAVES, 'src/files', 'src/store', 'src/domain'],
  // What can be asked for; knows no door and no store.
  'src/operations': [
    'schemas',
    ...LEAVES,
    'src/domain',
    'src/spec',
    'src/reading',
    'src/exchange',
    'src/execution',
    'src/documents',
    'connectors/connector',
  ],
  'src/mcp': ['schemas', ...LEAVES, 'src/operations', 'src/domain', 'src/execution', 'src/spec/nearest'],
  'src/http': ['schemas', ...LEAVES],
  // A client of the program, not a part of it.
  'src/demo': [],
  'src/app': ['schemas', 'src', 'connectors'],
  'src/commands': ['schemas', 'src'],
  'src/cli': ['schemas', 'src'],
}

/** Nobody imports these but those named. */
const CLOSED: Readonly<Record<string, readonly string[]>> = {
  'src/cli': [],
  'src/app': ['src/commands'],
  'src/reading-thread': [],
  'src/commands': ['src/cli'],
  'src/store/sqlite': ['src/store'],
  'src/store/postgres': ['src/store'],
  // One door a noun: whoever writes its rows tells of it.
  'src/store/task/task-rows': ['src/domain/task/transition'],
  'src/store/prd/prd-rows': ['src/domain/prd/transition'],
  'src/store/run/run-rows': ['src/domain/run/transition'],
  'src/store/run/attempt-rows': ['src/domain/run/transition'],
  'src/store/run/change-set-rows': ['src/domain/change-set/transition'],
}

/** Packages that one place owns. What is not named here is refused in the sources altogether. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  zod: ['schemas', 'connectors', 'src'],
  'better-sqlite3': ['src/store/sqlite'],
  pg: ['src/store/postgres'],
  kysely: ['src/store'],
  diff: ['src/documents'],
  yaml: ['src/spec/markdown', 'src/exchange/formats', 'src/validation'],
  'simple-git': ['src/git'],
  execa: ['src/process', 'src/commands', 'src/demo'],
  'shell-quote': ['src/commands/check-line.ts'],
  'fast-xml-parser': ['src/validation'],
  'tap-parser': ['src/validation'],
  'smol-toml': ['src/validation', 'src/execution', 'src/setup'],
  '@agentclientprotocol/sdk': ['src/agents'],
  '@modelcontextprotocol/server': ['src/mcp'],
  '@modelcontextprotocol/client': ['src/demo'],
  hono: ['src/http'],
  '@hono/node-server': ['src/http'],
  commander: ['src/commands'],
  'log-update': ['src/commands'],
  'string-width': ['src/commands'],
  '@clack/prompts': ['src/commands'],
  'jsonc-parser': ['src/setup'],
}

const MAX_LINES = 400
/** Files of one folder, those below it apart: more are no longer seen at a glance. */
const MAX_FILES = 25
const SAYS_NOTHING = /(^|\/)(utils?|helpers?|common|lib|misc|types|core|manager)(\/|\.)/

/** An error that nobody looks at: no name for it, or nothing done with it. */
const SWALLOWS =
  /\bcatch \{|\.catch\(\s*(?:async )?\((?:_\w*)?\)|\.then\([^,;]*,\s*\(\) =>|\.on\('error', \(\) => (?:\{\s*\}|undefined)/

interface Source {
  readonly path: string
  readonly text: string
}

/** Every breach of the house rules, as a sentence. */
function breaches(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => [
    ...importsOf(text).flatMap((target) => importBreach(path, target)),
    ...textBreaches(path, text),
  ])
}

/** Static, dynamic and type imports; text in template strings is data. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/`(?:\\.|[^`\\])*`/g, '')
  const patterns = [/^(?:import|export)\s+(?:[\w*${}\s,]+?\s+from\s+)?'([^'\n]+)'/gm, /\bimport\(\s*'([^'\n]+)'/g]
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].flatMap((match) => match[1] ?? []))
}

/** Who deletes and moves files by itself: the one room for it, the database's own files, and folders a person's program made for itself. */
const DESTROYS = ['src/files', 'src/store', 'src/demo']

function importBreach(path: string, target: string): string[] {
  if (target.startsWith('node:')) return []
  if (!target.startsWith('.')) return packageBreach(path, target)
  const to = normalize(join(dirname(path), target))
  const from = areaOf(path)
  const allowed = [from, ...(MAY_IMPORT[from] ?? [])]
  const found = allowed.some((area) => within(to, area)) ? [] : [`${path} imports ${to}, which ${from} may not`]
  const door = Object.keys(CLOSED).find((area) => within(to, area) && !within(path, area))
  if (door !== undefined && !(CLOSED[door] ?? []).some((area) => within(path, area)))
    found.push(`${path} imports ${to}, which is closed to it`)
  return found
}

function packageBreach(path: string, target: string): string[] {
  const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? target)
  const owners = PACKAGES[name]
  if (owners === undefined) return [`${path} imports the package ${name}, which is in no row of the table`]
  return owners.some((area) => within(path, area))
    ? []
    : [`${path} imports ${name}, which belongs to ${owners.join(', ')}`]
}

function textBreaches(path: string, text: string): string[] {
  const found: string[] = []
  const rule = (breach: boolean, message: string) => {
    if (breach) found.push(`${path} ${message}`)
  }
  rule(text.split('\n').length > MAX_LINES, `is longer than ${MAX_LINES} lines`)
  rule(
    /^import \{[^}]*\b(?:rm|rmdir|unlink|rename|rmSync|rmdirSync|unlinkSync|renameSync)\b[^}]*\} from 'node:fs(?:\/promises)?'/m.test(
      text,
    ) &&
      path.startsWith('src/') &&
      !DESTROYS.some((area) => within(path, area)),
    'deletes or moves files by itself; src/files does that',
  )
  rule(SAYS_NOTHING.test(path), 'has a name that says nothing')
  rule(
    SWALLOWS.test(text.replaceAll(/`(?:\\.|[^`\\])*`/g, '')),
    'swallows any error: name the one that is expected (src/expected.ts), or print it (logFailure)',
  )
  rule(/^export default/m.test(text), 'has a default export')
  rule(/process\.env\b/.test(text) && path !== 'src/config.ts', 'reads the environment')
  // The hook of agents is a program of its own, kept as text.
  rule(/process\.exit\(/.test(text.replaceAll(/`(?:\\.|[^`\\])*`/g, '')) && path !== 'src/cli.ts', 'ends the process')
  rule(
    /Date\.now\(|new Date\(\)/.test(text) && /^src\/(domain|spec|documents|store)\//.test(path),
    'reads the clock instead of being given the time',
  )
  rule(
    /(?<![A-Za-z])(?:TASK|PRD|REQ|RUN|CS|PLAN|CHECK|KNOW)-\$\{/.test(text) && path !== 'schemas/key.ts',
    'makes a key by hand; schemas/key.ts makes keys',
  )
  rule(
    /\.sql\b\s*\.|\bsql\s*\.\s*(?:selectFrom|insertInto|updateTable|deleteFrom)/.test(text) &&
      /^src\/(?!store\/)/.test(path),
    'queries the database; rows belong to src/store',
  )
  rule(/\bas any\b|: any\b|@ts-(ignore|expect-error|nocheck)/.test(text), 'switches types off')
  return found
}

/** Files that import each other in a circle, types included: none can be read before the others. */
function circles(sources: readonly Source[]): (readonly string[])[] {
  const imports = new Map(
    sources.map(({ path, text }) => [
      path,
      importsOf(text).flatMap((target) => (target.startsWith('.') ? [normalize(join(dirname(path), target))] : [])),
    ]),
  )
  return components(imports.keys(), (path) => imports.get(path) ?? []).filter(({ length }) => length > 1)
}

function crowdedFolders(sources: readonly Source[]): string[] {
  const folders = Map.groupBy(sources, ({ path }) => dirname(path))
  return [...folders].flatMap(([folder, { length }]) => (length > MAX_FILES ? [`${folder}: ${length} files`] : []))
}

/** The longest row of the table that a file belongs to. */
function areaOf(path: string): string {
  return (
    Object.keys(MAY_IMPORT)
      .filter((area) => within(path, area))
      .sort((a, b) => b.length - a.length)[0] ?? 'nowhere'
  )
}

function within(path: string, area: string): boolean {
  return path === area || path === `${area}.ts` || path.startsWith(`${area}/`)
}

const sources: Source[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', 'schemas', 'connectors', 'src', 'web'],
  { cwd: ROOT, encoding: 'utf8' },
)
  .split('\n')
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

test('the sources keep the house rules', () => {
  expect(sources.length).toBeGreaterThan(100)
  expect(sources.filter(({ path }) => areaOf(path) === 'nowhere').map(({ path }) => path)).toEqual([])
  expect(breaches(sources)).toEqual([])
  expect(circles(sources)).toEqual([])
  expect(crowdedFolders(sources)).toEqual([])
})

test('files in a circle and a crowded folder are found', () => {
  const file = (path: string, ...targets: string[]) => ({
    path,
    text: targets.map((target) => `import type { X } from '${target}'`).join('\n'),
  })
  expect(
    circles([file('src/a.ts', './b.ts', './d.ts'), file('src/b.ts', './c/c.ts'), file('src/c/c.ts', '../a.ts')]),
  ).toEqual([expect.arrayContaining(['src/a.ts', 'src/b.ts', 'src/c/c.ts'])])
  expect(crowdedFolders(Array.from({ length: 26 }, (_, at) => file(`src/x/${at}.ts`)))).toEqual(['src/x: 26 files'])
})

describe('a planted breach is found', () => {
  test.each([
    ['src/domain/x.ts', "import { git } from '../git/git.ts'", /may not/],
    ['src/domain/x.ts', "import type { X } from '../operations/operation.ts'", /may not/],
    ['src/operations/x.ts', "import { hintsOf } from '../mcp/hints.ts'", /may not/],
    ['src/operations/x.ts', "import { McpServer } from '@modelcontextprotocol/server'", /belongs to src\/mcp/],
    ['src/domain/x.ts', "const { x } = await import('../execution/validate.ts')", /may not/],
    ['src/operations/task/x.ts', "import { findTask } from '../../store/task/tasks.ts'", /may not/],
    ['src/store/task/tasks.ts', "import { getTask } from '../../domain/task/claim.ts'", /may not/],
    ['src/spec/check/x.ts', "import { findPrd } from '../../store/prd/prds.ts'", /may not/],
    ['src/spec/x.ts', "import { getPrd } from '../domain/prd/prd.ts'", /may not/],
    ['src/domain/x.ts', "import { sqliteSearch } from '../store/sqlite/search.ts'", /closed to it/],
    ['src/domain/x.ts', "import { createRuntime } from '../app.ts'", /closed to it/],
    ['src/domain/run/x.ts', "import { updateTask } from '../../store/task/task-rows.ts'", /closed to it/],
    ['src/exchange/x.ts', "import { updatePrd } from '../store/prd/prd-rows.ts'", /closed to it/],
    ['src/execution/x.ts', "import { updateRun } from '../store/run/run-rows.ts'", /closed to it/],
    ['src/domain/x.ts', "await tx.sql.updateTable('task')", /queries/],
    ['schemas/x.ts', "import { SpekiError } from '../src/errors.ts'", /may not/],
    ['src/domain/x.ts', "import { simpleGit } from 'simple-git'", /belongs to src\/git/],
    ['src/http/x.ts', "import { McpServer } from '@modelcontextprotocol/server'", /belongs to src\/mcp/],
    ['src/domain/x.ts', "import _ from 'lodash'", /in no row/],
    ['src/domain/x.ts', 'const home = process.env.HOME', /reads the environment/],
    ['src/mcp/x.ts', 'process.exit(1)', /ends the process/],
    ['src/domain/x.ts', 'const now = Date.now()', /reads the clock/],
    ['src/domain/x.ts', 'try { f() } catch { return 1 }', /swallows any error/],
    ['src/domain/x.ts', 'await f().catch(() => undefined)', /swallows any error/],
    ['src/domain/x.ts', 'await f().catch(async () => await g())', /swallows any error/],
    ['src/domain/x.ts', 'await f().then(() => true, () => false)', /swallows any error/],
    ['src/domain/x.ts', "pool.on('error', () => {})", /swallows any error/],
    ['src/execution/x.ts', "import { lstat, rm } from 'node:fs/promises'", /deletes or moves/],
    ['src/git/x.ts', "import { renameSync } from 'node:fs'", /deletes or moves/],
    ['src/domain/x.ts', 'export default 1', /default export/],
    ['src/domain/x.ts', 'const x = y as any', /switches types off/],
    ['src/operations/x.ts', 'const id = `TASK-$' + '{task.id}`', /makes a key by hand/],
    ['src/domain/utils.ts', '', /says nothing/],
    ['src/domain/x.ts', '\n'.repeat(500), /longer than/],
  ])('%s: %s', (path, text, message) => {
    expect(breaches([{ path, text }]).join('\n')).toMatch(message)
  })
})
