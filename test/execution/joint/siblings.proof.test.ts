import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closeSiblings, openSiblings } from '../../../src/execution/joint/siblings.ts'
import { temporaryFolder } from '../../mcp/connect.ts'
import { git } from '../../mcp/workspace.ts'
import { runs } from '../../property-runs.ts'
import { type Files, type Registered, registered } from './registered.ts'

const signal = AbortSignal.timeout(600_000)
const OPENER = join(import.meta.dirname, 'open-process.ts')

const FILLING = Object.fromEntries(
  Array.from({ length: 300 }, (_, index) => [`data/${index}.txt`, `${index}\n`.repeat(200)]),
)
const REPOSITORIES = {
  lib: {
    ...FILLING,
    'package.json': '{"name":"lib","version":"1.0.0"}',
    'Cargo.toml': '[package]\nname = "lib"\nversion = "1.0.0"\n',
    'go.mod': 'module acme.example/lib\n',
    'pyproject.toml': '[project]\nname = "lib"\nversion = "1.0.0"\n',
  },
  app: {
    ...FILLING,
    '.gitignore': 'node_modules\n',
    'package.json': '{"name":"app","dependencies":{"lib":"1.0.0"}}',
    'Cargo.toml': '[package]\nname = "app"\nversion = "1.0.0"\n[dependencies]\nlib = "1"\n',
    'go.mod': 'module acme.example/app\nrequire acme.example/lib v1.0.0\n',
    'pyproject.toml': '[project]\nname = "app"\ndependencies = ["lib"]\n',
  },
}

/** Everything of the repositories that a joint workspace could leave behind. */
function traces(repositories: readonly Registered[]) {
  return repositories.map(({ root }) => {
    const inner = join(root, '.git')
    const worktrees = existsSync(join(inner, 'worktrees')) ? readdirSync(join(inner, 'worktrees')) : []
    const locks = readdirSync(inner).filter((name) => name.endsWith('.lock'))
    return { worktrees, locks, refs: git(root, 'for-each-ref'), status: git(root, 'status', '--porcelain') }
  })
}

async function world() {
  const folder = await temporaryFolder()
  const repositories = await registered(folder, REPOSITORIES)
  mkdirSync(join(folder, 'app/node_modules/lib'), { recursive: true })
  writeFileSync(join(folder, 'app/node_modules/lib/index.js'), '')
  const members = repositories.map((repository) => ({
    repository,
    commit: git(repository.root, 'rev-parse', 'main').trim(),
  }))
  return { folder, repositories, members, place: join(folder, 'joint', 'place') }
}

const ROUNDS = 24

test('killed at any moment while it opens, it leaves nothing that closing does not clear; closing again changes nothing', async () => {
  const { folder, repositories, members, place } = await world()
  const clean = traces(repositories)
  const file = join(folder, 'what.json')
  writeFileSync(file, JSON.stringify({ place, members }))
  /** Kills it so many milliseconds after its first folder is there; tells whether it stood, and how long that took. */
  const open = async (killAfter: number) => {
    const child = spawn(process.execPath, [OPENER, file], { stdio: ['ignore', 'pipe', 'inherit'] })
    let stood = false
    child.stdout.on('data', () => (stood = true))
    const exit = once(child, 'exit')
    while (!existsSync(place)) await pause(2)
    const began = performance.now()
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfter)
    await exit
    clearTimeout(timer)
    return { stood, took: performance.now() - began }
  }
  const whole = await open(60_000)
  expect(whole.stood).toBe(true)
  await closeSiblings(place, repositories, signal)
  expect(traces(repositories)).toEqual(clean)
  let { took } = whole
  let halfway = 0
  // A machine that gets faster meanwhile lets it stand before it is killed: then the moments come closer, and more rounds follow.
  for (const [round, part] of fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), 5 * ROUNDS).entries()) {
    if (round >= ROUNDS && halfway > ROUNDS / 4) break
    const killed = await open(took * part)
    if (killed.stood) took = Math.min(took, killed.took)
    else if (existsSync(place)) halfway += 1
    await closeSiblings(place, repositories, signal)
    expect(existsSync(place)).toBe(false)
    expect(traces(repositories)).toEqual(clean)
    await closeSiblings(place, repositories, signal)
    expect(traces(repositories)).toEqual(clean)
  }
  // Git that was told to write goes on by itself for a moment after its caller is gone.
  await pause(1000)
  expect(existsSync(place)).toBe(false)
  expect(traces(repositories)).toEqual(clean)
  expect(halfway).toBeGreaterThan(ROUNDS / 4)
  // Opening takes the place of what was left, too.
  await open(took * 0.8)
  await openSiblings(place, members, [], async () => undefined, signal)
  expect(readFileSync(join(place, 'lib/data/299.txt'), 'utf8')).toBe(FILLING['data/299.txt'])
  expect(git(join(place, 'lib'), 'status', '--porcelain')).toBe('')
  await closeSiblings(place, repositories, signal)
  expect(traces(repositories)).toEqual(clean)
})

test('an install that outlives its killed starter is ended before its folder is cleared', async () => {
  const folder = await temporaryFolder()
  const repositories = await registered(folder, {
    app: {
      '.gitignore': 'node_modules\n',
      'package.json': '{"name":"app","version":"1.0.0","scripts":{"preinstall":"node write.js"}}',
      'package-lock.json':
        '{"name":"app","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"app","version":"1.0.0"}}}',
      'write.js':
        "const { mkdirSync, writeFileSync } = require('node:fs')\nconst place = process.cwd() + '/node_modules'\nsetInterval(() => {\n  mkdirSync(place, { recursive: true })\n  writeFileSync(place + '/written', '')\n}, 5)\nsetTimeout(() => process.exit(), 60_000)\n",
    },
  })
  const [repository] = repositories
  const place = join(folder, 'joint')
  const members = [{ repository, commit: git(repository?.root ?? '', 'rev-parse', 'main').trim() }]
  writeFileSync(join(folder, 'what.json'), JSON.stringify({ place, members }))
  const child = spawn(process.execPath, [OPENER, join(folder, 'what.json')], { stdio: 'ignore' })
  const exit = once(child, 'exit')
  const written = join(place, 'app/node_modules/written')
  while (!existsSync(written) && child.exitCode === null) await new Promise((done) => setTimeout(done, 10))
  child.kill('SIGKILL')
  await exit
  expect(existsSync(written)).toBe(true)
  await closeSiblings(place, repositories, signal)
  await new Promise((done) => setTimeout(done, 300))
  expect(existsSync(place)).toBe(false)
})

/** A package of an ecosystem that uses others, as its manifest says it. */
const MANIFESTS: Readonly<Record<string, (name: string, uses: readonly string[]) => Files>> = {
  npm: (name, uses) => ({
    'package.json': JSON.stringify({ name, dependencies: Object.fromEntries(uses.map((other) => [other, '1'])) }),
  }),
  python: (name, uses) => ({
    'pyproject.toml': `[project]\nname = "${name}"\nversion = "1.0.0"\ndependencies = ${JSON.stringify(uses)}\n`,
  }),
  go: (name, uses) => ({
    'go.mod': `module acme.example/${name}\n${uses.map((other) => `require acme.example/${other} v1.0.0\n`).join('')}`,
  }),
  cargo: (name, uses) => ({
    'Cargo.toml': `[package]\nname = "${name}"\nversion = "1.0.0"\n[dependencies]\n${uses.map((other) => `${other} = "1"\n`).join('')}`,
  }),
  gradle: (name, uses) => ({
    'settings.gradle': `rootProject.name = '${name}'\n`,
    'build.gradle': `group = 'acme'\ndependencies {\n${uses.map((other) => `api 'acme:${other}:1'\n`).join('')}}\n`,
  }),
  nuget: (name, uses) => ({
    [`${name}.csproj`]: `<Project>${uses.map((other) => `<PackageReference Include="${other}" Version="1" />`).join('')}</Project>`,
  }),
}

test('whatever uses whatever, circles too: all that is used is overridden, and git sees nothing of it in any worktree', async () => {
  const names = ['a', 'b', 'c']
  const worlds = fc.record({
    uses: fc.uniqueArray(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 4, selector: String }),
    kinds: fc.subarray(Object.keys(MANIFESTS), { minLength: 1 }),
    nested: fc.boolean(),
    ignored: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(worlds, async ({ uses, kinds, nested, ignored }) => {
      const folder = await mkdtemp(join(tmpdir(), 'speki-joint-'))
      try {
        const edges = uses.filter(([from, to]) => from !== to)
        const filesOf = (index: number) => {
          const used = edges.flatMap(([from, to]) => (to === index ? [names[from] ?? ''] : []))
          const made = kinds.flatMap((kind) => Object.entries(MANIFESTS[kind]?.(names[index] ?? '', used) ?? {}))
          const at = nested ? made.map(([path, text]) => [`parts/p/${path}`, text] as const) : made
          return { ...Object.fromEntries(at), ...(ignored && { '.gitignore': 'node_modules\n' }) }
        }
        const repositories = await registered(
          folder,
          Object.fromEntries(names.map((name, index) => [name, filesOf(index)])),
        )
        const place = join(folder, 'joint')
        const members = repositories.map((repository) => ({
          repository,
          commit: git(repository.root, 'rev-parse', 'main').trim(),
        }))
        const clean = traces(repositories)
        const { notes } = await openSiblings(place, members, [], async () => undefined, signal)
        const used = new Set(edges.map(([from]) => names[from]))
        // Modules of Go are told of in one sentence.
        const single = kinds.filter((kind) => kind !== 'go').length
        expect(notes).toHaveLength(used.size * single + (used.size > 0 && kinds.includes('go') ? 1 : 0))
        for (const name of names)
          expect(git(join(place, name), 'status', '--porcelain', '--untracked-files=all', '--ignored')).toBe('')
        await closeSiblings(place, repositories, signal)
        expect(traces(repositories)).toEqual(clean)
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 5 })
      }
    }),
    { numRuns: runs(10) },
  )
})
