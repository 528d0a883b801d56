import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { clearLeftovers } from '../../../src/execution/judge/leftovers.ts'
import { temporaryFolder } from '../../mcp/connect.ts'
import { makeRepository } from '../../mcp/workspace.ts'

const signal = AbortSignal.timeout(600_000)

/** What of these untracked files stays in a repository that tracks some. */
async function staying(
  tracked: readonly string[],
  untracked: readonly string[],
  known: { readonly left?: readonly string[]; readonly named?: readonly string[] } = {},
): Promise<readonly string[]> {
  const files = Object.fromEntries(tracked.map((path) => [path, path]))
  const root = makeRepository(await temporaryFolder(), 'app', { files })
  for (const path of untracked) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), path)
  }
  await clearLeftovers(root, { left: [], named: [], ...known }, signal)
  return untracked.filter((path) => existsSync(join(root, path)))
}

test('caches, byte code, logs and build products that nobody writes go, and work stays', async () => {
  const work = [
    'src/cache.py',
    'target/notes.md',
    'src/build/step.ts',
    'core/index.js',
    'docs/log.md',
    'coverage/tool.js',
  ]
  const left = [
    'pkg/__pycache__/a.cpython-311.pyc',
    '.pytest_cache/v/cache/nodeids',
    '.mypy_cache/3.11/a.json',
    '.ruff_cache/x',
    'nohup.out',
    'npm-debug.log',
    '.coverage',
    'coverage/lcov.info',
    'a.egg-info/PKG-INFO',
    'src/main.o',
    '.DS_Store',
    '.eslintcache',
    'tsconfig.tsbuildinfo',
    'web/node_modules/a/index.js',
    '.phpunit.result.cache',
    'index.js.orig',
  ]
  expect(await staying(['a.txt'], [...work, ...left])).toEqual(work)
})

test.each([
  ['Cargo.toml', 'target/debug/app', 'src/target/a.rs'],
  ['pom.xml', 'target/classes/a.properties', 'src/main/target/A.java'],
  ['api/App.csproj', 'api/obj/project.assets.json', 'bin/run'],
  ['CMakeLists.txt', 'build/Makefile', 'src/build/b.c'],
  ['mix.exs', '_build/dev/lib', 'lib/_build/a.ex'],
])('beside %s, %s is a product of the build, and %s is not', async (manifest, product, work) => {
  expect(await staying([manifest], [product, work])).toEqual([work])
})

test('what the repository tracks of a kind, and what the task names, is its own', async () => {
  expect(await staying(['fixtures/a.log'], ['fixtures/b.log', 'x.pyc'])).toEqual(['fixtures/b.log'])
  expect(await staying([], ['out.log', 'other.log'], { named: ['out.log'] })).toEqual(['out.log'])
})

test('what the checks of the base left behind is theirs, a folder with all that is in it', async () => {
  const left = ['report.html', 'generated/']
  expect(await staying([], ['report.html', 'generated/a/b.ts', 'generated.ts'], { left })).toEqual(['generated.ts'])
})
