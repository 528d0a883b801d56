import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')

test('every test file runs in exactly one tier, and CI runs every tier', () => {
  const listed = JSON.parse(
    execFileSync(process.execPath, [VITEST, 'list', '--filesOnly', '--json'], { cwd: ROOT, encoding: 'utf8' }),
  ) as { file: string; projectName: string }[]
  const there = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', 'test'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((path) => /\.(test|spec)\.[cm]?[jt]sx?$/.test(path) && !path.includes('/fixtures/'))

  expect(listed.map(({ file }) => relative(ROOT, file).replaceAll('\\', '/')).sort()).toEqual(there.sort())
  const ci = readFileSync(join(ROOT, '.ci', 'run'), 'utf8')
  for (const tier of new Set(listed.map(({ projectName }) => projectName)))
    expect(ci, tier).toMatch(new RegExp(`^suite ${tier}\\b`, 'm'))
})
