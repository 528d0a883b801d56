import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { ClientPlaces } from '../../src/config.ts'
import type { Client, Scope } from '../../src/setup/client.ts'
import { planFolder, planSetup, writesInWorktrees } from '../../src/setup/clients.ts'
import { keptOut } from '../../src/setup/kept-out.ts'
import { planUndo, undoSetup, writeSetup } from '../../src/setup/written.ts'
import { temporaryFolder } from '../mcp/connect.ts'

async function machine(more: Partial<ClientPlaces> = {}) {
  const folder = await temporaryFolder()
  const places: ClientPlaces = {
    claudeFile: join(folder, 'claude', '.claude.json'),
    codexHome: join(folder, 'codex'),
    claudeFolder: join(folder, 'claude'),
    attempts: join(folder, 'speki.db.execution', 'attempts'),
    variables: {},
    handedOn: [],
    ...more,
  }
  const config = { packageRoot: '/opt/speki', project: join(folder, 'project') }
  const home = join(folder, 'home')
  const plan = async (client: Client, scope: Scope = 'user') => await planSetup(client, scope, config, places)
  const write = async (client: Client, scope: Scope = 'user') => await writeSetup(home, await plan(client, scope))
  const undo = async () => {
    const steps = await planUndo(home)
    for (const step of steps) await undoSetup(home, step)
    return steps.map(({ left }) => left)
  }
  return { folder, places, config, plan, write, undo, home }
}

function put(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

test('a plan shows what would be written and writes nothing', async () => {
  const { plan, places } = await machine()
  const { before, after, command, file } = await plan('claude')
  expect(before).toBeUndefined()
  expect(file).toBe(places.claudeFile)
  expect(JSON.parse(after)).toEqual({
    mcpServers: { speki: { command: 'node', args: ['/opt/speki/bin/speki.js', 'mcp'] } },
  })
  expect(command).toBe('claude mcp add --scope user speki -- node /opt/speki/bin/speki.js mcp')
  expect((await plan('codex')).after).toContain('[mcp_servers.speki]')
  expect(existsSync(places.claudeFile)).toBe(false)
})

test('each scope has its file', async () => {
  const { plan, places, config } = await machine()
  expect((await plan('claude', 'project')).file).toBe(join(config.project, '.mcp.json'))
  expect((await plan('codex', 'user')).file).toBe(join(places.codexHome, 'config.toml'))
  expect((await plan('codex', 'project')).file).toBe(join(config.project, '.codex', 'config.toml'))
})

const CLAUDE = [
  '{"mcpServers":{"other":{"command":"x"}},"kept":1}',
  '{\n\t"big": 12345678901234567890\n}\n',
  '{}',
  '{\r\n  "a": "\\u00e9"\r\n}\r\n',
  '{"a":1,"mcpServers":{}}',
  '{\n  "mcpServers": {}\n}\n',
  '{"a":[1,\r\n2],\r\n"mcpServers":{"x":{"command":"y"}}}\r\n',
  '{ "a": 1 }\n',
]
const CODEX = [
  'model = "x"\n\n[mcp_servers.other]\ncommand = "y"',
  'model = "x"\n',
  'model = "x"',
  'model = "x"\r\n\r\n[mcp_servers.other]\r\ncommand = "y"\r\n',
  '# mine\n[mcp_servers.spekified]\ncommand = "z"\n\n\n',
  '',
]

test.each([...CLAUDE.map((text) => ['claude', text] as const), ...CODEX.map((text) => ['codex', text] as const)])(
  '%s: of %j nothing else changes, twice changes nothing, and an undo gives it back',
  async (client, text) => {
    const { plan, write, undo } = await machine()
    const file = put((await plan(client)).file, text)
    await write(client)
    const once = readFileSync(file, 'utf8')
    await write(client)
    expect(readFileSync(file, 'utf8')).toBe(once)
    const read = client === 'claude' ? JSON.parse : parse
    const { mcpServers, mcp_servers, sandbox_workspace_write, ...rest } = read(once)
    const { mcpServers: s1, mcp_servers: s2, ...restBefore } = read(text)
    expect(rest).toEqual(restBefore)
    const { speki, ...others } = mcpServers ?? mcp_servers
    expect(others).toEqual(s1 ?? s2 ?? {})
    expect(speki).toMatchObject({ command: 'node', args: ['/opt/speki/bin/speki.js', 'mcp'] })

    expect(await undo()).toEqual([undefined])
    const after = readFileSync(file, 'utf8')
    expect(after).toBe(text)
  },
)

test.each([
  ['a dotted key', 'mcp_servers.speki.command = "node"\nmodel = "o3"\n'],
  ['a dotted key in its table', '[mcp_servers]\nspeki.command = "speki"\n'],
  ['an inline table', 'mcp_servers = { speki = { command = "speki" } }\n'],
  ['an inline table of others', 'mcp_servers = { other = { command = "x" } }\n'],
  ['a quoted name', '["mcp_servers"."speki"]\ncommand = "speki"\n'],
  ['a table of tables', '[[mcp_servers]]\nname = "x"\n'],
  ['a text that holds our table', 'notes = """\n[mcp_servers.speki]\n"""\n'],
  ['no TOML', '[mcp_servers\n'],
])('settings of Codex that no table can be added to are left as they are, and said to be: %s', async (_, text) => {
  const { plan, places } = await machine()
  const file = put(join(places.codexHome, 'config.toml'), text)
  await expect(plan('codex')).rejects.toMatchObject({
    message: expect.stringMatching(/nothing was written/i),
    hint: expect.stringMatching(/then repeat/),
  })
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test.each([
  ['a dotted key of another', 'mcp_servers.other.command = "x"\n'],
  ['comments and Windows line ends', '# mine\r\nmodel = "o3" # yes\r\n[tools]\r\nweb = true\r\n'],
  ['dates and large numbers', 'at = 2026-01-02T03:04:05Z\nn = 9007199254740993\nf = nan\n'],
  ['a byte order mark', '\ufeffmodel = "o3"\n'],
])('settings of Codex with %s get the table, and nothing else changes', async (_, text) => {
  const { write, undo, places } = await machine()
  const file = put(join(places.codexHome, 'config.toml'), text)
  await write('codex')
  expect(readFileSync(file, 'utf8')).toBe(`${text}\n${readFileSync(file, 'utf8').slice(text.length + 1)}`)
  await undo()
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('a file that was made for SPEKI alone goes with an undo, one that got more since stays', async () => {
  const { write, undo, places } = await machine()
  await write('claude')
  await write('codex')
  const codex = join(places.codexHome, 'config.toml')
  writeFileSync(codex, `model = "x"\n\n${readFileSync(codex, 'utf8')}`)
  await undo()
  expect(existsSync(places.claudeFile)).toBe(false)
  expect(readFileSync(codex, 'utf8')).toBe('model = "x"\n')
})

test('an undo leaves what somebody changed since, and says so', async () => {
  const { write, undo, places } = await machine()
  await write('claude')
  const changed = readFileSync(places.claudeFile, 'utf8').replace('"mcp"', '"mcp", "--read-only"')
  writeFileSync(places.claudeFile, changed)
  expect(await undo()).toEqual([expect.stringContaining('changed since')])
  expect(readFileSync(places.claudeFile, 'utf8')).toBe(changed)
  expect(await undo()).toEqual([])
})

test('the place of the database stands in the settings, a secret only by its name', async () => {
  const { plan } = await machine({ variables: { SPEKI_HOME: '/data/speki' }, handedOn: ['SPEKI_DATABASE_URL'] })
  expect(JSON.parse((await plan('claude')).after).mcpServers.speki.env).toEqual({ SPEKI_HOME: '/data/speki' })
  expect(parse((await plan('codex')).after)).toMatchObject({
    mcp_servers: { speki: { env: { SPEKI_HOME: '/data/speki' }, env_vars: ['SPEKI_DATABASE_URL'] } },
  })
})

test('an entry of an earlier place is brought up to date, and what a person added to it stays', async () => {
  const { plan, places } = await machine()
  put(
    places.claudeFile,
    JSON.stringify({
      mcpServers: { speki: { command: 'node', args: ['/old/speki/bin/speki.js', 'mcp'], timeout: 5, env: { A: 'b' } } },
    }),
  )
  expect(JSON.parse((await plan('claude')).after).mcpServers.speki).toEqual({
    command: 'node',
    args: ['/opt/speki/bin/speki.js', 'mcp'],
    timeout: 5,
    env: { A: 'b' },
  })
})

test.each([
  ['claude', '{"mcpServers":{"speki":{"command":"other"}}}'],
  ['codex', '[mcp_servers.speki]\ncommand = "other"\n'],
] as const)('%s: another server of that name is not replaced', async (client, text) => {
  const { plan } = await machine()
  put((await plan(client)).file, text)
  await expect(plan(client)).rejects.toThrow(/another server named speki/)
})

test.each(['// mine\n', '{"a": 1', '[]', '{"mcpServers": 3}'])('a file that holds %j is left alone', async (text) => {
  const { plan, places } = await machine()
  put(places.claudeFile, text)
  await expect(plan('claude')).rejects.toThrow(/not the JSON it should be/)
  expect(readFileSync(places.claudeFile, 'utf8')).toBe(text)
})

test('what a client wrote between the look and the write is not lost', async () => {
  const { plan, home, places } = await machine()
  put(places.claudeFile, '{}\n')
  const setup = await plan('claude')
  writeFileSync(places.claudeFile, '{"new": true}\n')
  await expect(writeSetup(home, setup)).rejects.toThrow(/changed just now/)
  expect(readFileSync(places.claudeFile, 'utf8')).toBe('{"new": true}\n')
})

test('a link stays a link, and rights stay as they are', async () => {
  // Links take rights of their own there.
  if (process.platform === 'win32') return
  const { write, places, folder } = await machine()
  const real = put(join(folder, 'dotfiles', 'claude.json'), '{}\n')
  chmodSync(real, 0o640)
  mkdirSync(dirname(places.claudeFile), { recursive: true })
  symlinkSync(real, places.claudeFile)
  await write('claude')
  expect(readFileSync(real, 'utf8')).toContain('speki')
  expect(statSync(real).mode & 0o777).toBe(0o640)
})

const CLAUDE_PERMISSIONS = [
  undefined,
  '{}',
  '{"permissions":{"allow":["Bash"]},"kept":1}',
  '{\n  "permissions": {\n    "additionalDirectories": ["/elsewhere"],\n    "deny": []\n  }\n}\n',
]
const CODEX_ROOTS = [
  undefined,
  'model = "x"\n',
  '[sandbox_workspace_write]\nnetwork_access = true\n\n[tools]\nweb = true\n',
  '[sandbox_workspace_write] # mine\nwritable_roots = ["/elsewhere"]\n',
  '[sandbox_workspace_write]\nwritable_roots = [\n  "/elsewhere", # one\n  "/other",\n]\nnetwork_access = true\n',
]

test.each([
  ...CLAUDE_PERMISSIONS.map((text) => ['claude', text] as const),
  ...CODEX_ROOTS.map((text) => ['codex', text] as const),
])(
  '%s may write in worktrees where %j stood, beside what it might before, until that is undone',
  async (client, text) => {
    const { config, places, home, undo } = await machine()
    const plan = async () => await planFolder(client, 'project', config, places)
    const setup = await plan()
    if (setup === undefined) throw new Error('nothing is planned')
    const file = text === undefined ? setup.file : put(setup.file, text)
    if (text !== undefined) expect(await writesInWorktrees(client, config, places)).toBe(false)
    for (let round = 0; round < 2; round += 1) {
      const again = await plan()
      if (again !== undefined) await writeSetup(home, again)
    }
    const written = readFileSync(file, 'utf8')
    const roots =
      client === 'claude'
        ? JSON.parse(written).permissions.additionalDirectories
        : z.object({ writable_roots: z.array(z.string()) }).parse(parse(written)['sandbox_workspace_write'])
            .writable_roots

    expect(roots.filter((root: string) => root === places.attempts)).toHaveLength(1)
    if (text?.includes('/elsewhere') === true) expect(roots).toContain('/elsewhere')
    expect(await writesInWorktrees(client, config, places)).toBe(true)
    expect(await undo()).toEqual([undefined])
    if (text === undefined) expect(existsSync(file)).toBe(false)
    else expect(readFileSync(file, 'utf8').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
  },
)

test('what somebody wrote about writable folders in another form is left as it is, and said to be', async () => {
  for (const text of [
    'sandbox_workspace_write = { writable_roots = [] }\n',
    'sandbox_workspace_write.writable_roots = []\n',
  ]) {
    const { config, places } = await machine()
    const file = put(join(places.codexHome, 'config.toml'), text)
    await expect(planFolder('codex', 'project', config, places)).rejects.toMatchObject({
      message: expect.stringMatching(/nothing was written/),
    })
    expect(readFileSync(file, 'utf8')).toBe(text)
  }
})

test('a sandbox that is off, or a folder above, lets a client write; settings that are not there say nothing', async () => {
  const { config, places } = await machine()
  expect(await writesInWorktrees('codex', config, places)).toBeUndefined()
  const file = put(join(places.codexHome, 'config.toml'), 'sandbox_mode = "danger-full-access"\n')
  expect(await writesInWorktrees('codex', config, places)).toBe(true)
  put(file, `[sandbox_workspace_write]\nwritable_roots = [${JSON.stringify(dirname(places.attempts))}]\n`)
  expect(await writesInWorktrees('codex', config, places)).toBe(true)
  put(file, `[sandbox_workspace_write]\nwritable_roots = [${JSON.stringify(`${places.attempts}-not`)}]\n`)
  expect(await keptOut('codex-mcp-client', config, places)).toMatch(/Codex .* speki init --client codex/)
  expect(await keptOut('another', config, places)).toBeUndefined()
})
