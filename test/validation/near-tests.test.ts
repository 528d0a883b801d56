import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { nearTests } from '../../src/validation/near-tests.ts'
import { temporaryFolder } from '../mcp/connect.ts'

async function near(argv: string[], changed: string[], files: readonly string[], script?: string) {
  const folder = await temporaryFolder()
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), '')
  }
  if (script !== undefined) writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { test: script } }))
  return (await nearTests(argv, folder, changed))?.join(' ')
}
const NPM = ['npm', 'run', 'test']

test('vitest and jest know themselves what is related', async () => {
  expect(await near(NPM, ['src/a.ts', 'readme.md'], ['src/a.ts', 'readme.md'], 'vitest run')).toBe(
    'npx --no-install vitest related --run --passWithNoTests src/a.ts',
  )
  expect(await near(['npx', 'jest'], ['a.js'], ['a.js'])).toBe(
    'npx --no-install jest --passWithNoTests --findRelatedTests a.js',
  )
  expect(await near(NPM, ['a.js'], ['a.js'], 'jest --ci')).toMatch(/jest --ci --passWithNoTests/)
})

test('elsewhere names tell: changed tests, and those named after what changed', async () => {
  const files = ['src/a.js', 'src/a.test.js', 'test/a.test.js', 'src/b.js', 'src/b.test.js']
  expect(await near(NPM, ['src/a.js'], files, 'node --test')).toBe('node --test src/a.test.js test/a.test.js')
  expect(await near(NPM, ['src/b.test.js'], files, 'node --test')).toBe('node --test src/b.test.js')
  const python = ['app/sum.py', 'tests/test_sum.py', 'app/sum_test.py']
  expect(await near(['python3', '-m', 'pytest', '-q'], ['app/sum.py'], python)).toBe(
    'python3 -m pytest -q app/sum_test.py tests/test_sum.py',
  )
  expect(await near(['go', 'test', '-race', './...'], ['a/a.go', 'a/b.go', 'c.go'], ['a/a.go', 'a/b.go', 'c.go'])).toBe(
    'go test -race ./a ./.',
  )
})

test('nothing near, gone files, very many, or a command that does more: the suite decides alone', async () => {
  expect(await near(NPM, ['src/c.js'], ['src/c.js'], 'node --test')).toBeUndefined()
  expect(await near(NPM, ['src/gone.js'], [], 'vitest run')).toBeUndefined()
  expect(await near(NPM, ['readme.md'], ['readme.md'], 'vitest run')).toBeUndefined()
  const many = Array.from({ length: 41 }, (_, index) => `${index}.js`)
  expect(await near(NPM, many, many, 'vitest run')).toBeUndefined()
  for (const script of ['tsc && vitest run', 'vitest run test/unit', 'node --test test/', 'mocha'])
    expect(await near(NPM, ['a.js'], ['a.js', 'a.test.js'], script), script).toBeUndefined()
})
