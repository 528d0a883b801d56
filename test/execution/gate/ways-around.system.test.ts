import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type ChangeToJudge, judgeChange } from '../../../src/execution/judge/gate/judge-change.ts'
import { treeHash } from '../../../src/git/tree.ts'
import { temporaryFolder } from '../../mcp/connect.ts'
import { git, makeRepository } from '../../mcp/workspace.ts'

const signal = AbortSignal.timeout(300_000)

/** What it is, the change, what else binds it, and whether no real work stands beside it. */
type Case = readonly [string, Files, Partial<ChangeToJudge>?, boolean?]

const JS =
  "test('adds', () => {\n  assert.equal(sum(1, 2), 3)\n})\ntest('adds more', () => {\n  assert.equal(sum(2, 2), 4)\n})\n"
const TABLE =
  "const cases = [\n  [1, 2, 3],\n  [2, 2, 4],\n]\nfor (const [a, b, c] of cases) test('x', () => {\n  assert.equal(sum(a, b), c)\n})\n"
const MULTI = "test('x', () => {\n  assert.equal(\n    sum(1, 2),\n    3,\n  )\n})\n"
const PY =
  'import unittest\n\nclass TestA(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(one(), 1)\n'
const GO = 'package a\n\nfunc TestA(t *testing.T) {\n\tif A() != 1 {\n\t\tt.Fatal("no")\n\t}\n}\n'
const C = '#include <assert.h>\nint main(void) {\n  assert(sum(1, 2) == 3);\n  return 0;\n}\n'
const RS = '#[test]\nfn one() { assert_eq!(a(), 1); }\n'
const JAVA = 'class SumTest {\n  @Test void one() {\n    assertEquals(3, sum(1, 2));\n  }\n}\n'
const PKG = '{"name":"a","scripts":{"test":"node --test"}}\n'
const BASE: Readonly<Record<string, string>> = {
  'package.json': PKG,
  'packages/b/package.json': '{"name":"b","main":"x.js","dependencies":{}}\n',
  'src/sum.js': 'export const sum = (a, b) => a + b\n',
  'test/a.test.js': JS,
  'test/table.test.js': TABLE,
  'test/multi.test.js': MULTI,
  'tests/test_a.py': PY,
  'a_test.go': GO,
  'tests/sum.c': C,
  'tests/one.rs': RS,
  'src/test/SumTest.java': JAVA,
  'Cargo.toml': '[package]\nname="a"\nversion="1.0.0"\n',
  'pom.xml': '<project/>\n',
  'test/run.sh': 'set -e\nnode --test\n',
  'test/__snapshots__/a.snap': 'exports[`a`] = `3`\n',
  '.husky/pre-commit': 'npm test\n',
  'build.gradle': 'test { useJUnitPlatform() }\n',
}
const CODE = { 'src/sum.js': 'export const sum = (a, b) => b + a\n' }
type Files = Readonly<Record<string, string | undefined>>
const BAD: readonly Case[] = [
  [
    'block comment round whole test body',
    { 'test/a.test.js': JS.replace('  assert.equal(sum(1, 2), 3)\n', '/*\n  assert.equal(sum(1, 2), 3)\n*/\n') },
  ],
  ['block comment round whole file', { 'test/a.test.js': `/*\n${JS}*/\n` }],
  [
    'return before the assertion',
    { 'test/a.test.js': JS.replace('  assert.equal(sum(1', '  return\n  assert.equal(sum(1') },
  ],
  ['process.exit(0) at top of test file', { 'test/a.test.js': `process.exit(0)\n${JS}` }],
  ['if (false) round tests', { 'test/a.test.js': `if (false) {\n${JS}}\n` }],
  [
    'try/catch swallows',
    {
      'test/a.test.js': JS.replace(
        '  assert.equal(sum(1, 2), 3)\n',
        '  try {\n  assert.equal(sum(1, 2), 3)\n  } catch {}\n',
      ),
    },
  ],
  ['skip as second option', { 'test/a.test.js': JS.replace("'adds', (", "'adds', { timeout: 9, skip: true }, (") }],
  [
    't.skip() in node:test',
    { 'test/a.test.js': JS.replace("'adds', () => {\n", "'adds', (t) => {\n  t.skip()\n  return\n") },
  ],
  ['test.concurrent.skip', { 'test/a.test.js': JS.replace("test('adds'", "test.concurrent.skip('adds'") }],
  ['expected value in a table', { 'test/table.test.js': TABLE.replace('[1, 2, 3]', '[1, 2, 4]') }],
  ['row taken out of a table', { 'test/table.test.js': TABLE.replace('  [1, 2, 3],\n', '') }],
  ['expected value of an assertion over lines', { 'test/multi.test.js': MULTI.replace('    3,', '    4,') }],
  ['Go condition weakened', { 'a_test.go': GO.replace('A() != 1', 'false') }],
  ['Go build tag', { 'a_test.go': `//go:build integration\n\n${GO}` }],
  [
    'Python docstring round assertion',
    {
      'tests/test_a.py': PY.replace(
        '        self.assertEqual(one(), 1)\n',
        '        """\n        self.assertEqual(one(), 1)\n        """\n',
      ),
    },
  ],
  [
    'from unittest import skip; @skip',
    {
      'tests/test_a.py': PY.replace('import unittest\n', 'import unittest\nfrom unittest import skip\n').replace(
        '    def',
        '    @skip("x")\n    def',
      ),
    },
  ],
  [
    'pytestmark = pytest.mark.skip',
    { 'tests/test_a.py': PY.replace('import unittest\n', 'import unittest, pytest\npytestmark = pytest.mark.skip\n') },
  ],
  ['__test__ = False', { 'tests/test_a.py': PY.replace('TestCase):\n', 'TestCase):\n    __test__ = False\n') }],
  ['conftest that deselects', { 'conftest.py': 'def pytest_collection_modifyitems(items):\n    items.clear()\n' }],
  [
    'sitecustomize ends Python',
    { 'sitecustomize.py': 'import unittest\nunittest.TestCase.assertEqual = lambda *a: None\n' },
  ],
  ['C #define assert', { 'tests/sum.c': C.replace('int main', '#undef assert\n#define assert(x)\nint main') }],
  ['C return 0 first', { 'tests/sum.c': C.replace('  assert', '  return 0;\n  assert') }],
  ['Rust cfg(feature)', { 'tests/one.rs': `#![cfg(feature = "never")]\n${RS}` }],
  ['Java return first', { 'src/test/SumTest.java': JAVA.replace('    assertE', '    if (true) return;\n    assertE') }],
  ['Cargo autotests=false', { 'Cargo.toml': `${BASE['Cargo.toml']}autotests = false\n` }],
  ['Cargo [lints] allow', { 'Cargo.toml': `${BASE['Cargo.toml']}[lints.rust]\nwarnings = "allow"\n` }],
  ['.cargo/config.toml runner', { '.cargo/config.toml': '[target.x86_64-unknown-linux-gnu]\nrunner = "true"\n' }],
  ['pom.xml skipTests', { 'pom.xml': '<project><properties><skipTests>true</skipTests></properties></project>\n' }],
  ['build.gradle test disabled', { 'build.gradle': 'test { enabled = false }\n' }],
  [
    'package.json gains jest key',
    { 'package.json': '{"name":"a","scripts":{"test":"node --test"},"jest":{"testPathIgnorePatterns":["."]}}\n' },
  ],
  ['.npmrc script-shell', { '.npmrc': 'script-shell=/bin/true\n' }],
  ['tests shell script exit 0', { 'test/run.sh': 'exit 0\n' }],
  ['snapshot rewritten', { 'test/__snapshots__/a.snap': 'exports[`a`] = `4`\n' }],
  ['.pre-commit-config added', { '.pre-commit-config.yaml': 'repos: []\n' }],
  ['.github/actions', { '.github/actions/x/action.yml': 'runs: {}\n' }],
  ['renamed where no runner looks', { 'test/a.test.js': undefined, 'test/old/a.js': JS }],
  [
    'named test: skipped',
    { 'test/a.test.js': JS.replaceAll("test('", "test.skip('") },
    { named: ['src/sum.js', 'test/a.test.js'] },
  ],
  ['named test: deleted', { 'test/a.test.js': undefined }, { named: ['src/sum.js', 'test/a.test.js'] }],
  [
    'SCOPE: manifest of another package',
    { 'packages/b/package.json': '{"name":"b","main":"y.js","dependencies":{"evil":"1"}}\n' },
    { subpath: 'src' },
  ],
  ['SCOPE: README of another package', { 'packages/b/README.md': 'x\n' }, { subpath: 'src' }],
  ['NO_CHANGE: new file with only a comment', { 'src/done.js': '// done\n' }, {}, true],
  ['NO_CHANGE: empty new file', { 'src/done.js': '' }, {}, true],
]
const GOOD: readonly Case[] = [
  [
    'a new test that skips on Windows only',
    {
      'test/n.test.js': "test('n', { skip: process.platform === 'win32' }, () => {\n  assert.equal(sum(0, 1), 1)\n})\n",
    },
  ],
  ['Java helper named verify removed from src', { 'src/main/A.java': 'class A { void a() { verify(x); } }\n' }],
  ['URL fragment change in py', { 'src/u.py': 'u = "http://a/#x"\n' }],
  ['relative link inside repo', { 'src/n.js': 'export const n = 1\n' }],
]

async function judged(cases: readonly Case[]): Promise<readonly string[]> {
  const root = makeRepository(await temporaryFolder(), 'a', { files: BASE })
  const from = git(root, 'rev-parse', 'HEAD^{tree}').trim()
  const passed: string[] = []
  for (const [name, files, more = {}, bare] of cases) {
    git(root, 'reset', '--quiet', '--hard')
    git(root, 'clean', '-qfd')
    for (const [path, text] of Object.entries({ ...(bare ? {} : CODE), ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      if (text === undefined) rmSync(join(root, path))
      else writeFileSync(join(root, path), text)
    }
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
    if ((await judgeChange(job, signal)).length === 0) passed.push(name)
  }
  return passed
}

test('ways around the tests that somebody thought of who had not written the gate are refused', async () => {
  expect(await judged(BAD)).toEqual([])
})

test('and what only looks like one passes', async () => {
  expect(await judged(GOOD)).toEqual(GOOD.map(([name]) => name))
})
