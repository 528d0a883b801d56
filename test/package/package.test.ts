import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../mcp/connect.ts'
import { ask, HELLO } from './ask.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const LAUNCHER = join(ROOT, 'bin', 'speki.js')

test('what mcp.json says starts the server from a clone', async () => {
  const { mcpServers } = JSON.parse(readFileSync(join(ROOT, 'mcp.json'), 'utf8')) as {
    mcpServers: { speki: { command: string; args: string[] } }
  }
  const { command, args } = mcpServers.speki
  const home = await temporaryFolder()
  const [answer] = await ask(command, args, [HELLO], { cwd: ROOT, env: { ...process.env, SPEKI_HOME: home } })
  expect(answer).toMatchObject({ result: { serverInfo: { name: 'speki' } } })
})

test('nothing is loaded before it is used: a server lists its tools without database, git, parsers or builder', async () => {
  const folder = await temporaryFolder()
  const trace = join(folder, 'loaded.txt')
  const hook = join(folder, 'hook.mjs')
  writeFileSync(
    hook,
    `import { appendFileSync } from 'node:fs'\nimport { registerHooks } from 'node:module'\nregisterHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(trace)}, url + '\\n'); return next(url, context) } })\n`,
  )
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} }
  const [, tools] = await ask(
    process.execPath,
    ['--import', hook, LAUNCHER, 'mcp', '--db', join(folder, 'speki.db')],
    [HELLO, list],
  )

  expect(tools).toMatchObject({
    result: { tools: expect.arrayContaining([expect.objectContaining({ name: 'speki_status' })]) },
  })
  const loaded = readFileSync(trace, 'utf8')
    .split('\n')
    .filter((url) => url.includes('/dist/'))
  expect(loaded.length).toBeGreaterThan(3)
  const text = loaded.map((url) => readFileSync(new URL(url), 'utf8')).join('\n')
  // Words that only the part in question holds.
  for (const [part, word] of [
    ['Kysely', 'SqliteQueryCompiler'],
    ['simple-git', 'GitExecutor'],
    ['PostgreSQL', 'SASL'],
    ['XML parser', 'fast-xml'],
    ['command library', 'enablePositionalOptions'],
    ['execa', 'cancelSignal'],
    ['domain', ' is not done: '],
    ['schemas of tools', 'defineOperation'],
  ] as const) {
    expect(text.includes(word), part).toBe(false)
  }
  expect(existsSync(join(folder, 'speki.db'))).toBe(false)
})

describe('the launcher', () => {
  const old = ['/usr/local/bin/node', '/usr/bin/node'].find(
    (file) =>
      existsSync(file) &&
      Number(execFileSync(file, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' })) < 22,
  )

  test.skipIf(old === undefined)('on an old Node hands over to the Node that came with npm ci', async () => {
    const [answer] = await ask(old ?? '', [LAUNCHER, 'mcp', '--db', join(await temporaryFolder(), 'speki.db')], [HELLO])
    expect(answer).toMatchObject({ result: { serverInfo: { name: 'speki' } } })
  })

  test.skipIf(old === undefined)('on an old Node without another says so in one sentence', async () => {
    const folder = await temporaryFolder()
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    cpSync(dirname(LAUNCHER), join(folder, 'bin'), { recursive: true })
    const run = () =>
      execFileSync(old ?? '', [join(folder, 'bin', 'speki.js'), '--version'], { encoding: 'utf8', stdio: 'pipe' })
    expect(run).toThrow(/SPEKI needs Node 22\.14 or newer; this is \d+\.\d+\.\d+\./)
  })

  test('without a build says what to run', async () => {
    const folder = await temporaryFolder()
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    cpSync(dirname(LAUNCHER), join(folder, 'bin'), { recursive: true })
    expect(() =>
      execFileSync(process.execPath, [join(folder, 'bin', 'speki.js')], { encoding: 'utf8', stdio: 'pipe' }),
    ).toThrow(/Run: npm ci/)
  })
})
