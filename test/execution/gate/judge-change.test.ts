import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ChangeToJudge, hashOf, judgeChange } from '../../../src/execution/judge/gate/judge-change.ts'
import { treeHash } from '../../../src/git/tree.ts'
import { temporaryFolder } from '../../mcp/connect.ts'
import { git, makeRepository } from '../../mcp/workspace.ts'

const signal = AbortSignal.timeout(300_000)

const BASE: Readonly<Record<string, string>> = {
  'package.json': '{"name":"a","scripts":{"test":"node --test","lint":"eslint ."},"dependencies":{"x":"1"}}\n',
  'src/sum.js': 'export function sum(a, b) {\n  return a + b // adds\n}\n',
  'src/other.js': 'export const other = 1\n',
  'scripts/deploy.sh': 'echo deploy\n',
  'test/sum.test.js':
    "test('adds', () => {\n  assert.equal(sum(1, 2), 3)\n})\ntest('adds more', () => {\n  assert.equal(sum(2, 2), 4)\n})\n",
  'py/test_a.py':
    'import unittest\n\nclass TestA(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(one(), 1)\n',
  'go/a_test.go': 'package a\n\nfunc TestA(t *testing.T) {\n\tif A() != 1 {\n\t\tt.Fatal("no")\n\t}\n}\n',
  'rs/lib.rs':
    'pub fn a() -> i32 { 1 }\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn one() { assert_eq!(super::a(), 1); }\n}\n',
  'pyproject.toml': '[project]\nname = "a"\ndependencies = ["x"]\n[tool.ruff]\nline-length = 100\n',
  '.eslintrc.json': '{"rules":{"no-undef":"error"}}\n',
  'tsconfig.json': '{"compilerOptions":{"strict":true}}\n',
  '.github/workflows/ci.yml': 'jobs: {}\n',
  'README.md': '# A\n',
}

/** Findings for a change: a text replaces a file, undefined removes it. */
async function judged(
  files: Readonly<Record<string, string | undefined>>,
  more: Partial<ChangeToJudge> = {},
  change: (root: string) => void = () => {},
): Promise<readonly string[]> {
  const root = makeRepository(await temporaryFolder(), 'a', { files: BASE })
  const from = git(root, 'rev-parse', 'HEAD^{tree}').trim()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    if (text === undefined) rmSync(join(root, path))
    else writeFileSync(join(root, path), text)
  }
  change(root)
  const to = await treeHash(root, signal)
  const job = {
    root,
    from,
    to,
    subpath: '',
    protectedPaths: [],
    named: [],
    documents: false,
    frozen: new Map(),
    ...more,
  }
  return (await judgeChange(job, signal)).map((finding) => `${finding.class} ${finding.path ?? ''}`.trim())
}

const CODE = { 'src/sum.js': 'export function sum(a, b) {\n  return a + b + 0\n}\n' }
const file = (path: string) => BASE[path] ?? ''

describe('is refused as tampering', () => {
  test.each<[string, Readonly<Record<string, string | undefined>>, string]>([
    ['a test file that is deleted', { 'test/sum.test.js': undefined }, 'test/sum.test.js'],
    ['a test that is taken out', { 'test/sum.test.js': file('test/sum.test.js').slice(0, 52) }, 'test/sum.test.js'],
    [
      'an expected value that is replaced',
      { 'test/sum.test.js': file('test/sum.test.js').replace('), 3)', '), 4)') },
      'test/sum.test.js',
    ],
    [
      'an assertion that is commented out',
      { 'test/sum.test.js': file('test/sum.test.js').replace('  assert', '  // assert') },
      'test/sum.test.js',
    ],
    [
      'test.skip',
      { 'test/sum.test.js': file('test/sum.test.js').replace("test('adds'", "test.skip('adds'") },
      'test/sum.test.js',
    ],
    [
      'test.only',
      { 'test/sum.test.js': file('test/sum.test.js').replace("test('adds'", "test.only('adds'") },
      'test/sum.test.js',
    ],
    [
      '{ skip: true }',
      { 'test/sum.test.js': file('test/sum.test.js').replace("'adds', (", "'adds', { skip: true }, (") },
      'test/sum.test.js',
    ],
    ['a new test that is skipped', { 'test/new.test.js': "test.todo('later')\n" }, 'test/new.test.js'],
    [
      'a new test that asserts nothing',
      { 'test/new.test.js': "test('x', () => assert.equal(1, 1))\n" },
      'test/new.test.js',
    ],
    [
      'unittest.skip',
      { 'py/test_a.py': file('py/test_a.py').replace('    def', '    @unittest.skip("later")\n    def') },
      'py/test_a.py',
    ],
    [
      'assertTrue(True)',
      { 'py/test_a.py': file('py/test_a.py').replace('self.assertEqual(one(), 1)', 'self.assertTrue(True)') },
      'py/test_a.py',
    ],
    ['t.Skip', { 'go/a_test.go': file('go/a_test.go').replace('\tif', '\tt.Skip()\n\tif') }, 'go/a_test.go'],
    [
      '#[ignore] beside the code',
      { 'rs/lib.rs': file('rs/lib.rs').replace('    #[test]', '    #[test]\n    #[ignore]') },
      'rs/lib.rs',
    ],
    ['a Rust test that is taken out', { 'rs/lib.rs': 'pub fn a() -> i32 { 1 }\n' }, 'rs/lib.rs'],
    [
      'a script that runs less',
      { 'package.json': file('package.json').replace('node --test', 'node --test || true') },
      'package.json',
    ],
    [
      'a lint script that is gone',
      { 'package.json': '{"name":"a","scripts":{"test":"node --test"}}\n' },
      'package.json',
    ],
    ['a lint rule that is off', { '.eslintrc.json': '{"rules":{"no-undef":"off"}}\n' }, '.eslintrc.json'],
    ['types that are less strict', { 'tsconfig.json': '{"compilerOptions":{"strict":false}}\n' }, 'tsconfig.json'],
    ['a new configuration of tests', { 'pytest.ini': '[pytest]\naddopts = --ignore=tests\n' }, 'pytest.ini'],
    ['settings of ruff', { 'pyproject.toml': file('pyproject.toml').replace('100', '999') }, 'pyproject.toml'],
    ['a pipeline', { '.github/workflows/ci.yml': 'jobs: none\n' }, '.github/workflows/ci.yml'],
    [
      'a file that switches its checker off',
      { 'src/sum.js': '/* eslint-disable */\nexport const sum = (a, b) => a + b\n' },
      'src/sum.js',
    ],
    [
      'checkers switched off in many places',
      { 'src/sum.js': `${'// eslint-disable-next-line\nfoo()\n'.repeat(3)}` },
      'src/sum.js',
    ],
    ['a filter of git', { '.gitattributes': '* filter=run\n' }, '.gitattributes'],
  ])('%s', async (_, files, path) => {
    expect(await judged({ ...CODE, ...files })).toContain(`TAMPER ${path}`)
  })

  test('what is protected, and a test that is frozen', async () => {
    expect(await judged(CODE, { protectedPaths: ['src/**'] })).toEqual(['TAMPER src/sum.js'])
    const frozen = new Map([['test/new.test.js', hashOf('first\n')]])
    expect(await judged({ ...CODE, 'test/new.test.js': 'second\n' }, { frozen })).toEqual(['TAMPER test/new.test.js'])
    expect(await judged(CODE, { frozen })).toEqual(['TAMPER test/new.test.js'])
    expect(await judged({ ...CODE, 'test/new.test.js': 'first\n' }, { frozen })).toEqual([])
    expect(await judged({ 'test/new.test.js': 'first\n' }, { frozen })).toEqual(['NO_CHANGE'])
  })
})

describe('is let through', () => {
  test.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['code with a new test', { 'test/more.test.js': "test('more', () => {\n  assert.equal(sum(0, 0), 0)\n})\n" }],
    [
      'a test file that grows',
      { 'test/sum.test.js': `${file('test/sum.test.js')}test('zero', () => {\n  assert.equal(sum(0, 0), 0)\n})\n` },
    ],
    [
      'tests that are moved inside their file',
      { 'test/sum.test.js': `describe('sum', () => {\n${file('test/sum.test.js').replaceAll(/^/gm, '  ')}})\n` },
    ],
    [
      'a test file under another name',
      { 'test/sum.test.js': undefined, 'test/addition.test.js': file('test/sum.test.js') },
    ],
    [
      'a dependency and a new script',
      {
        'package.json': file('package.json')
          .replace('"x":"1"', '"x":"1","y":"2"')
          .replace('"lint"', '"dev":"node .","lint"'),
      },
    ],
    ['a dependency in Python', { 'pyproject.toml': file('pyproject.toml').replace('["x"]', '["x", "y"]') }],
    [
      'one exception for a checker',
      { 'src/sum.js': '// eslint-disable-next-line no-undef\nexport const sum = (a, b) => a + b\n' },
    ],
    ['a new file of code', { 'src/new.js': 'export const added = 1\n' }],
    ['a binary file', { 'logo.bin': 'a\0b' }],
    ['documents beside code', { 'README.md': '# A, and more\n' }],
    ['a name with blanks and umlauts', { 'src/ein Übel.js': 'export const uebel = 1\n' }],
  ])('%s', async (_, files) => {
    expect(await judged({ ...CODE, ...files })).toEqual([])
  })

  test('what the task names, whatever it is', async () => {
    const files = { 'test/sum.test.js': file('test/sum.test.js').replace('), 3)', '), 4)'), '.eslintrc.json': '{}\n' }
    expect(await judged(files, { named: Object.keys(files) })).toEqual([])
  })
})

describe('is no work', () => {
  test.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['nothing', {}],
    ['a comment', { 'src/sum.js': file('src/sum.js').replace('// adds', '// done: it adds') }],
    ['blanks', { 'src/sum.js': file('src/sum.js').replaceAll('  ', '    ') }],
    ['a document alone', { 'README.md': '# Done\n' }],
  ])('%s', async (_, files) => {
    expect(await judged(files)).toEqual(['NO_CHANGE'])
  })

  test('but a document is, where the task is about documents', async () => {
    expect(await judged({ 'README.md': '# Done\n' }, { documents: true })).toEqual([])
  })
})

describe('is out of scope', () => {
  test('what lies outside the package, far from what the task names, a link, a repository inside', async () => {
    expect(await judged({ ...CODE, 'scripts/deploy.sh': 'x\n' }, { subpath: 'src' })).toEqual([
      'SCOPE scripts/deploy.sh',
    ])
    expect(await judged({ ...CODE, 'scripts/deploy.sh': 'x\n' }, { named: ['src/sum.js'] })).toEqual([
      'SCOPE scripts/deploy.sh',
    ])
    expect(await judged({ ...CODE, 'src/other.js': 'export const other = 2\n' }, { named: ['src/sum.js'] })).toEqual([])
    expect(await judged(CODE, {}, (root) => symlinkSync('/etc', join(root, 'src/etc')))).toEqual(['SCOPE src/etc'])
    expect(await judged(CODE, {}, (root) => void makeRepository(root, 'inner'))).toContain('SCOPE inner')
  })
})
