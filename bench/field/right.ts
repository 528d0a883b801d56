import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { type Change, sourceFiles, testFiles } from './changes.ts'
import { trackedFiles } from './clone.ts'

interface Neighbours {
  readonly root: string
  /** A test that is there, and what it says. */
  readonly test: string
  readonly text: string
  readonly sources: readonly string[]
}

type Writer = (beside: Neighbours) => Readonly<Record<string, string>> | undefined

/**
 * A harmless new function and its test, written as the repository's own tests are: where they lie, how they are named, what they
 * are run by. Undefined where no file of tests is one of these kinds; the change then comes from a file of the repository's name.
 */
export function addFunction(root: string): Change | undefined {
  const sources = sourceFiles(root)
  for (const test of testFiles(root)) {
    const writer = WRITERS.find(([kinds]) => kinds.includes(extname(test)))?.[1]
    const write = writer?.({ root, test, text: readFileSync(join(root, test), 'utf8'), sources })
    if (write !== undefined) return { what: Object.keys(write).join(', '), write }
  }
  const write = existsSync(join(root, 'src/lib.rs')) ? rust(root) : undefined
  return write === undefined ? undefined : { what: Object.keys(write).join(', '), write }
}

const javascript: Writer = ({ test, text, sources }) => {
  const extension = extname(test)
  const esm = /^import /m.test(text)
  const framework =
    /^(?:import|const|var|let|require)\b.*\b(?:node:test|node:assert|assert|ava|vitest|mocha|@jest\/globals|tape|tap|chai|should|expect|uvu)\b.*$/gm
  const head = (text.match(framework) ?? []).filter((line) => !/from ['"]\.|require\(['"]\./.test(line))
  const own = /(?:from |require\()['"](\.{1,2}\/[^'"]+|\.{1,2})['"]/.exec(text)?.[1] ?? '.'
  const source =
    sources.find((path) => extname(path) === extension) ?? sources.find((path) => /\.[cm]?[jt]s$/.test(path))
  if (source === undefined) return undefined
  const file = join(dirname(source), `field-double${extname(source)}`)
  const typed = extname(source).endsWith('ts')
  const code = esm
    ? `/** Twice the number. */\nexport function fieldDouble(value${typed ? ': number): number' : ')'} {\n  return value * 2${semicolon(text)}\n}\n`
    : `'use strict'${semicolon(text)}\n\n/** Twice the number. */\nmodule.exports = function fieldDouble(value) {\n  return value * 2${semicolon(text)}\n}${semicolon(text)}\n`
  const place = relative(dirname(test), file).replace(/^(?!\.)/, './')
  const from = /\.[cm]?[jt]sx?$/.test(own)
    ? place.replace(/\.(c|m)?ts$/, extname(own))
    : place.replace(/\.[cm]?[jt]s$/, '')
  const quoted = text.includes('"') && !text.includes("'") ? '"' : "'"
  const line = (statement: string) => `${statement}${semicolon(text)}`
  const bring = esm ? `import { fieldDouble } from '${from}'` : `const fieldDouble = require('${from}')`
  const body = assertions(text, head.join('\n')).map(line)
  const call = /\b(?:test|it)\(/.exec(text)?.[0] ?? 'test('
  const argument = /\b(?:test|it)\([^\n]*(?:\(?t\)? =>|function ?\(t\)|, t =>)/.test(text) ? 't' : '()'
  const written = [
    ...head,
    line(bring),
    '',
    `${call}'doubles a number', ${argument} => {`,
    ...body.map((each) => `  ${each}`),
    line('})'),
    '',
  ].join('\n')
  const name = besideTest(test, 'field-double')
  return { [file]: code, [name]: quoted === '"' ? written.replaceAll("'", '"') : written }
}

const semicolon = (text: string) => (/;\s*$/m.test(text) ? ';' : '')

function assertions(text: string, head: string): readonly string[] {
  const pairs = [
    ['fieldDouble(21)', '42'],
    ['fieldDouble(-1)', '-2'],
  ] as const
  const imported = /(?:import (?:\* as )?|const )(\w+) ?(?:=|from)[^\n]*assert/.exec(head)?.[1]
  if (/\bt\.is\(/.test(text)) return pairs.map(([found, wanted]) => `t.is(${found}, ${wanted})`)
  if (/\bexpect\(/.test(text)) return pairs.map(([found, wanted]) => `expect(${found}).toBe(${wanted})`)
  if (/\bt\.assert\.\w+\(/.test(text))
    return pairs.map(([found, wanted]) => `t.assert.strictEqual(${found}, ${wanted})`)
  if (imported !== undefined) return pairs.map(([found, wanted]) => `${imported}.strictEqual(${found}, ${wanted})`)
  const named = /\b(equal|is|strictEqual)\b/.exec(head)?.[1]
  return pairs.map(([found, wanted]) => `${named ?? 't.equal'}(${found}, ${wanted})`)
}

/** A name like that of the neighbour, for another subject. */
function besideTest(test: string, subject: string): string {
  const file = test.slice(test.lastIndexOf('/') + 1)
  const ending = /(?:[._-](?:test|spec|tests))?\.\w+$/.exec(file)?.[0] ?? ''
  return join(dirname(test), `${subject}${ending}`)
}

const python: Writer = ({ root, test, text }) => {
  const inits = trackedFiles(root).filter(
    (path) => /^(?:src\/)?[a-z]\w*\/__init__\.py$/.test(path) && !/^tests?\//.test(path),
  )
  const folder = inits[0] === undefined ? undefined : dirname(inits[0])
  if (folder === undefined) return undefined
  const module = folder.replace(/^src\//, '')
  const bring = `from ${module}.field_double import field_double\n`
  const unit = /\bunittest\b/.test(text)
  const written = unit
    ? `import unittest\n\n${bring}\n\nclass FieldDoubleTests(unittest.TestCase):\n    def test_doubles(self):\n        self.assertEqual(field_double(21), 42)\n        self.assertEqual(field_double(-1), -2)\n`
    : `${bring}\n\ndef test_doubles():\n    assert field_double(21) == 42\n    assert field_double(-1) == -2\n`
  return {
    [`${folder}/field_double.py`]:
      '"""Twice a number."""\n\n\ndef field_double(value: int) -> int:\n    """Return twice the value."""\n    return value * 2\n',
    [join(dirname(test), 'test_field_double.py')]: written,
  }
}

const go: Writer = ({ root, test }) => {
  const folder = dirname(test)
  const source = trackedFiles(root).find((path) => dirname(path) === folder && /(?<!_test)\.go$/.test(path))
  const name = source === undefined ? undefined : /^package (\w+)/m.exec(readFileSync(join(root, source), 'utf8'))?.[1]
  if (name === undefined || name === 'main') return undefined
  return {
    [join(folder, 'field_double.go')]:
      `package ${name}\n\n// FieldDouble returns twice the value.\nfunc FieldDouble(value int) int {\n\treturn value * 2\n}\n`,
    [join(folder, 'field_double_test.go')]:
      `package ${name}\n\nimport "testing"\n\nfunc TestFieldDouble(t *testing.T) {\n\tif got := FieldDouble(21); got != 42 {\n\t\tt.Errorf("FieldDouble(21) = %d", got)\n\t}\n\tif got := FieldDouble(-1); got != -2 {\n\t\tt.Errorf("FieldDouble(-1) = %d", got)\n\t}\n}\n`,
  }
}

/** Tests of crates stand beside what they test. */
function rust(root: string): Readonly<Record<string, string>> {
  const text = readFileSync(join(root, 'src/lib.rs'), 'utf8')
  return {
    'src/lib.rs': `${text.trimEnd()}\n\npub mod field_double;\n`,
    'src/field_double.rs': `//! Twice a number.\n\n/// Twice the value.\npub fn field_double(value: i32) -> i32 {\n    value * 2\n}\n\n#[cfg(test)]\nmod tests {\n    use super::field_double;\n\n    #[test]\n    fn doubles() {\n        assert_eq!(field_double(21), 42);\n        assert_eq!(field_double(-1), -2);\n    }\n}\n`,
  }
}

const ruby: Writer = ({ root, test, text, sources }) => {
  const lib = sources.find((path) => /^lib\/[^/]+\.rb$/.test(path))
  if (lib === undefined || !existsSync(join(root, 'lib'))) return undefined
  const head = (
    text.match(/^(?:# frozen.*|(?:require|require_relative) .*(?:helper|minitest|test\/unit|spec).*)$/gm) ?? []
  ).join('\n')
  const bring = `${head}\n\nrequire_relative "${relative(dirname(test), 'lib/field_double')}"\n\n`
  const base = /^class \w+ < (\S+)/m.exec(text)?.[1]
  const written =
    test.endsWith('_spec.rb') && base === undefined
      ? /\bexpect\b/.test(text) || !/must_equal/.test(text)
        ? `${bring}RSpec.describe FieldDouble do\n  it "doubles a number" do\n    expect(FieldDouble.of(21)).to eq(42)\n    expect(FieldDouble.of(-1)).to eq(-2)\n  end\nend\n`
        : `${bring}describe FieldDouble do\n  it "doubles a number" do\n    FieldDouble.of(21).must_equal 42\n    FieldDouble.of(-1).must_equal(-2)\n  end\nend\n`
      : `${bring}${base === undefined ? `describe FieldDouble do\n  it "doubles a number" do\n    _(FieldDouble.of(21)).must_equal 42\n` : `class FieldDoubleTest < ${base}\n  def test_doubles\n    assert_equal 42, FieldDouble.of(21)\n    assert_equal(-2, FieldDouble.of(-1))\n`}  end\nend\n`
  const name = test.endsWith('_spec.rb')
    ? 'field_double_spec.rb'
    : /(?:^|\/)test_\w+\.rb$/.test(test)
      ? 'test_field_double.rb'
      : 'field_double_test.rb'
  return {
    'lib/field_double.rb':
      '# frozen_string_literal: true\n\n# Twice a number.\nmodule FieldDouble\n  def self.of(value)\n    value * 2\n  end\nend\n',
    [join(dirname(test), name)]: written,
  }
}

const elixir: Writer = () => ({
  'lib/field_double.ex':
    'defmodule FieldDouble do\n  @moduledoc "Twice a number."\n\n  @doc "Twice the value."\n  def of(value), do: value * 2\nend\n',
  'test/field_double_test.exs':
    'defmodule FieldDoubleTest do\n  use ExUnit.Case, async: true\n\n  test "doubles a number" do\n    assert FieldDouble.of(21) == 42\n    assert FieldDouble.of(-1) == -2\n  end\nend\n',
})

const php: Writer = ({ root, test, text, sources }) => {
  const space = /^namespace ([\w\\]+);/m.exec(text)?.[1]
  const used = /^use ([\w\\]*TestCase);/m.exec(text)?.[1] ?? 'PHPUnit\\Framework\\TestCase'
  const source = sources.find((path) => path.endsWith('.php') && /^(?:src|lib)\//.test(path))
  const [folder] = source?.split('/') ?? []
  if (source === undefined || folder === undefined) return undefined
  const file = join(dirname(source), 'FieldDouble.php')
  const own = /^namespace ([\w\\]+);/m.exec(readFileSync(join(root, source), 'utf8'))?.[1]
  return {
    [file]: `<?php\n\n${own === undefined ? '' : `namespace ${own};\n\n`}class FieldDouble\n{\n    public static function of(int $value): int\n    {\n        return $value * 2;\n    }\n}\n`,
    [join(dirname(test), 'FieldDoubleTest.php')]:
      `<?php\n\n${space === undefined ? '' : `namespace ${space};\n\n`}use ${used};\n${own === undefined || own === space ? '' : `use ${own}\\FieldDouble;\n`}\nclass FieldDoubleTest extends ${used.split('\\').at(-1)}\n{\n    public function testDoubles(): void\n    {\n        $this->assertSame(42, FieldDouble::of(21));\n        $this->assertSame(-2, FieldDouble::of(-1));\n    }\n}\n`,
  }
}

const perl: Writer = ({ test }) => ({
  'lib/FieldDouble.pm':
    'package FieldDouble;\nuse strict;\nuse warnings;\n\nsub of { my ($value) = @_; return $value * 2 }\n\n1;\n',
  [join(dirname(test), 'field_double.t')]:
    "use strict;\nuse warnings;\nuse Test::More;\nuse lib 'lib';\nuse FieldDouble;\n\nis(FieldDouble::of(21), 42, 'doubles');\nis(FieldDouble::of(-1), -2, 'doubles below zero');\n\ndone_testing();\n",
})

const bats: Writer = ({ test, sources }) => {
  const folder = dirname(sources.find((path) => /^(?:libexec|lib|bin|src)\//.test(path)) ?? 'lib/x')
  return {
    [`${folder}/field-double`]: '#!/usr/bin/env bash\n# Twice a number.\nfield_double() {\n  echo "$(($1 * 2))"\n}\n',
    [join(dirname(test), 'field-double.bats')]:
      `#!/usr/bin/env bats\n\n@test "doubles a number" {\n  source "$BATS_TEST_DIRNAME/${relative(dirname(test), `${folder}/field-double`)}"\n  [ "$(field_double 21)" -eq 42 ]\n  [ "$(field_double -1)" -eq -2 ]\n}\n`,
  }
}

const WRITERS: readonly (readonly [readonly string[], Writer])[] = [
  [['.js', '.mjs', '.cjs', '.ts', '.mts'], javascript],
  [['.py'], python],
  [['.go'], go],
  [['.rb'], ruby],
  [['.exs'], elixir],
  [['.php'], php],
  [['.t'], perl],
  [['.bats'], bats],
]
