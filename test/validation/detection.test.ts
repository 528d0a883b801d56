import { afterEach, describe, expect, test, vi } from 'vitest'
import { inspectRepository } from '../../src/validation/inspect.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { makeRepository } from '../mcp/workspace.ts'
import { REPOSITORIES } from './fixtures/repositories.ts'
import { installed } from './installed.ts'

const signal = AbortSignal.timeout(300_000)

async function commandsOf(files: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const bare = { 'package.json': '{"private":true}', 'check.js': '', 'index.js': '' }
  const path = makeRepository(await temporaryFolder(), 'x', { files: { ...bare, ...files } })
  const { facts } = await inspectRepository(path, '.', signal)
  return Object.fromEntries(facts.commands.map(({ kind, argv }) => [kind, argv.join(' ')]))
}

describe('the commands of a repository', () => {
  afterEach(() => void vi.unstubAllEnvs())

  test('are those its developers run: tests in at least 95 % of 60 repositories, the rest in at least 90 %', {
    timeout: 60_000,
  }, async () => {
    const tests: [number, number] = [0, 0]
    const others: [number, number] = [0, 0]
    const misses: string[] = []
    const wantedOf = ({ test, lint, types, build }: (typeof REPOSITORIES)[number]) => [test, lint, types, build]
    await installed(REPOSITORIES.flatMap(wantedOf).flatMap((line) => line?.split(' ', 1) ?? []))
    for (const repository of REPOSITORIES) {
      const found = await commandsOf(repository.files)
      for (const kind of ['test', 'lint', 'types', 'build'] as const) {
        const wanted = repository[kind]
        if (wanted === undefined) continue
        const counts = kind === 'test' ? tests : others
        counts[1] += 1
        if (found[kind] === wanted) counts[0] += 1
        else misses.push(`${repository.ecosystem}, ${repository.name}: ${kind} is "${found[kind]}", not "${wanted}"`)
      }
    }
    const ecosystems = new Set(REPOSITORIES.map(({ ecosystem }) => ecosystem))
    console.log(
      `detection: ${tests[0]} of ${tests[1]} test commands and ${others[0]} of ${others[1]} others right, in ${ecosystems.size} ecosystems\n${misses.join('\n')}`,
    )
    expect(ecosystems.size).toBe(10)
    expect(tests[1]).toBeGreaterThanOrEqual(60)
    expect(tests[0] / tests[1], misses.join('\n')).toBeGreaterThanOrEqual(0.95)
    expect(others[0] / others[1], misses.join('\n')).toBeGreaterThanOrEqual(0.9)
  })

  test('are never made of what a shell would have to understand', async () => {
    const run = [
      'echo hi | npm test',
      'npm test > log',
      'bash -c "npm test"',
      '$(npm test)',
      'npm test `id`',
      'npm test $HOME',
      "npm test -- 'a b'",
    ]
    const files = {
      '.github/workflows/ci.yml': `jobs:\n  a:\n    steps:\n${run.map((line) => `      - run: ${JSON.stringify(line)}\n`).join('')}`,
    }
    expect(await commandsOf(files)).toEqual({})
  })

  test('are those that start here, where a pipeline names what only its own machines have', async () => {
    const files = {
      'pyproject.toml': '[tool.pytest.ini_options]\n',
      'tests/test_a.py': '',
      '.github/workflows/ci.yml': 'jobs:\n  a:\n    steps:\n      - run: absent-tool test\n      - run: nox -s tests\n',
    }
    await installed(['python3'])
    expect(await commandsOf(files)).toEqual({ test: 'python3 -m pytest' })
    await installed(['nox'])
    expect(await commandsOf(files)).toEqual({ test: 'nox -s tests' })
    await installed([])
    expect(await commandsOf(files), 'the first, where none starts').toEqual({ test: 'nox -s tests' })
  })

  test('configure and build what is tested, as a fresh checkout has neither', async () => {
    const ctest = (folder: string) =>
      `sh -c cmake -S . -B ${folder} && cmake --build ${folder} && ctest --test-dir ${folder} --output-on-failure`
    const pipeline = 'jobs:\n  a:\n    steps:\n      - run: mkdir build\n      - run: cd build; cmake ..; make; ctest\n'
    const files = { 'CMakeLists.txt': 'project(x)\n', 'test/CMakeLists.txt': 'add_test(a a)\n' }
    expect(await commandsOf({ ...files, '.github/workflows/ci.yml': pipeline })).toEqual({ test: ctest('build') })
    expect(await commandsOf({ ...files, 'build/tools.txt': '' })).toEqual({ test: ctest('_build') })
    expect(await commandsOf({ 'CMakeLists.txt': '# add_test(a a)\n' })).toEqual({})
    expect(await commandsOf({ cpanfile: '', 't/a.t': '', '.github/workflows/ci.yml': 'run: make test\n' })).toEqual({
      test: 'prove -l -r t',
    })
    expect(await commandsOf({ 'Makefile.PL': '', 't/a.t': '' })).toEqual({
      test: 'sh -c perl Makefile.PL && make test',
    })
    expect(await commandsOf({ 'tests/a.bats': '', 'tests/libs/bats/bin/bats': '' })).toEqual({
      test: 'tests/libs/bats/bin/bats -r tests',
    })
  })

  test('leave broken and hostile pipelines alone', async () => {
    for (const text of ['{', '- - -\n\t', 'a: &a [*a]', `x: ${'['.repeat(5000)}`, '&a [&b [*a, *a], *b]'])
      expect(await commandsOf({ '.github/workflows/ci.yml': text })).toEqual({})
    expect(
      await commandsOf({ '.github/workflows/ci.yml': 'jobs:\n  a:\n    steps:\n      - run: ./evil test\n' }),
    ).toEqual({})
  })
})
