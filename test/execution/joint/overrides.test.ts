import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { PackageFact } from '../../../schemas/repository.ts'
import { applyOverrides, type JointMember } from '../../../src/execution/joint/overrides.ts'
import { temporaryFolder } from '../../mcp/connect.ts'

const fact = (ecosystem: string, name: string, ...dependencies: string[]): PackageFact => ({
  name,
  ecosystem,
  path: '.',
  dependencies,
})

function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** A producer and its user, side by side. */
async function pair(ecosystem: string, producer: Record<string, string>, user: Record<string, string>) {
  const folder = await temporaryFolder()
  put(join(folder, 'lib'), producer)
  put(join(folder, 'app'), user)
  const members: JointMember[] = [
    { name: 'lib', worktree: join(folder, 'lib'), packages: [fact(ecosystem, 'lib')] },
    { name: 'app', worktree: join(folder, 'app'), packages: [fact(ecosystem, 'app', 'lib')] },
  ]
  const overrides = await applyOverrides(folder, members)
  const run = (file: string, ...args: string[]) =>
    execFileSync(file, args, {
      cwd: join(folder, 'app'),
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, ...overrides.environment },
    })
  return { folder, overrides, run }
}

test('Node takes the producer beside it, also where a published one is installed', async () => {
  const lib = {
    'package.json': '{"name":"lib","type":"module","exports":"./index.js"}',
    'index.js': "export const from = 'beside'\n",
  }
  const app = {
    'package.json': '{"name":"app","type":"module"}',
    'a.js': "import { from } from 'lib'\nconsole.log(from)\n",
  }
  const old = {
    'node_modules/lib/package.json': '{"name":"lib","type":"module","exports":"./index.js"}',
    'node_modules/lib/index.js': "export const from = 'published'\n",
  }
  expect((await pair('npm', lib, app)).run(process.execPath, 'a.js')).toBe('beside\n')
  expect((await pair('npm', lib, { ...app, ...old })).run(process.execPath, 'a.js')).toBe('beside\n')
})

test('Python takes the producer beside it', async () => {
  const { run } = await pair(
    'python',
    { 'src/lib/__init__.py': "FROM = 'beside'\n" },
    { 'a.py': 'import lib\nprint(lib.FROM)\n' },
  )
  expect(run('python3', 'a.py')).toBe('beside\n')
})

test('Go gets a workspace that is as new as its newest module', async () => {
  const { folder, overrides } = await pair(
    'go',
    { 'go.mod': 'module lib\n\ngo 1.22.3\n' },
    { 'go.mod': 'module app\n\ngo 1.9\n' },
  )
  expect(readFileSync(join(folder, 'go.work'), 'utf8')).toBe(
    `go 1.22.3\n\nuse (\n\t"${join(folder, 'lib')}"\n\t"${join(folder, 'app')}"\n)\n`,
  )
  expect(overrides.environment['GOWORK']).toBe(join(folder, 'go.work'))
})

test('Cargo is patched, but not where a lock file pins what is published', async () => {
  const lib = { 'Cargo.toml': '[package]\nname = "lib"\nversion = "1.0.0"\n' }
  const free = await pair('cargo', lib, { 'Cargo.toml': '' })
  expect(readFileSync(join(free.folder, '.cargo', 'config.toml'), 'utf8')).toContain(
    `"lib" = { path = "${join(free.folder, 'lib')}" }`,
  )
  const lock =
    'version = 4\n\n[[package]]\nname = "lib"\nversion = "1.0.0"\nsource = "registry+https://example.invalid"\n'
  const pinned = await pair('cargo', lib, { 'Cargo.toml': '', 'Cargo.lock': lock })
  expect(existsSync(join(pinned.folder, '.cargo'))).toBe(false)
  expect(pinned.overrides.said).toEqual(['Cargo keeps the published lib: a Cargo.lock pins it.'])
})

test('what nobody uses is left alone', async () => {
  const folder = await temporaryFolder()
  const members = ['a', 'b'].map((name) => ({ name, worktree: join(folder, name), packages: [fact('npm', name)] }))
  expect(await applyOverrides(folder, members)).toEqual({ said: [], environment: {} })
})
