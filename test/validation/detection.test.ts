import { describe, expect, test } from 'vitest'
import { inspectRepository } from '../../src/validation/inspect.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { makeRepository } from '../mcp/workspace.ts'
import { REPOSITORIES } from './fixtures/repositories.ts'

const signal = AbortSignal.timeout(300_000)

async function commandsOf(files: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const bare = { 'package.json': '{"private":true}', 'check.js': '', 'index.js': '' }
  const path = makeRepository(await temporaryFolder(), 'x', { files: { ...bare, ...files } })
  const { facts } = await inspectRepository(path, '.', signal)
  return Object.fromEntries(facts.commands.map(({ kind, argv }) => [kind, argv.join(' ')]))
}

describe('the commands of a repository', () => {
  test('are those its developers run: tests in at least 95 % of 60 repositories, the rest in at least 90 %', {
    timeout: 60_000,
  }, async () => {
    const tests: [number, number] = [0, 0]
    const others: [number, number] = [0, 0]
    const misses: string[] = []
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

  test('leave broken and hostile pipelines alone', async () => {
    for (const text of ['{', '- - -\n\t', 'a: &a [*a]', `x: ${'['.repeat(5000)}`, '&a [&b [*a, *a], *b]'])
      expect(await commandsOf({ '.github/workflows/ci.yml': text })).toEqual({})
    expect(
      await commandsOf({ '.github/workflows/ci.yml': 'jobs:\n  a:\n    steps:\n      - run: ./evil test\n' }),
    ).toEqual({})
  })
})
