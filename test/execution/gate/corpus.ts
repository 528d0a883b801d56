/** An arithmetic of whole numbers, written once and rendered in five languages. */
type Expression =
  | string
  | number
  | readonly ['if', Expression, Expression, Expression]
  | readonly [Operator, Expression, Expression]
type Operator = '+' | '-' | '*' | '%' | '<' | '>' | '<=' | '>=' | '==' | 'and' | 'or'

/** A function to write or mend, with what a careless and a lazy author would make of it. */
interface Assignment {
  readonly name: string
  readonly parameters: readonly string[]
  readonly good: Expression
  /** Nearly right: one boundary or operator is off. */
  readonly mutated: Expression
  /** Only the easy part. */
  readonly half: Expression
  readonly examples: readonly (readonly [readonly number[], number])[]
}

const atLeast = (a: Expression, b: Expression): Expression => ['if', ['<', a, b], b, a]
const atMost = (a: Expression, b: Expression): Expression => ['if', ['>', a, b], b, a]

export const ASSIGNMENTS: readonly Assignment[] = [
  {
    name: 'clamp', parameters: ['x', 'low', 'high'], good: atMost(atLeast('x', 'low'), 'high'),
    mutated: atMost(atLeast('x', 'low'), ['-', 'high', 1]), half: atLeast('x', 'low'),
    examples: [[[5, 0, 9], 5], [[-1, 0, 9], 0], [[12, 0, 9], 9], [[9, 0, 9], 9]],
  },
  {
    name: 'is_leap', parameters: ['year'],
    good: ['if', ['or', ['and', ['==', ['%', 'year', 4], 0], ['>', ['%', 'year', 100], 0]], ['==', ['%', 'year', 400], 0]], 1, 0],
    mutated: ['if', ['or', ['and', ['==', ['%', 'year', 4], 0], ['>', ['%', 'year', 100], 0]], ['==', ['%', 'year', 300], 0]], 1, 0],
    half: ['if', ['==', ['%', 'year', 4], 0], 1, 0],
    examples: [[[2024], 1], [[2023], 0], [[1900], 0], [[2000], 1]],
  },
  {
    name: 'sign', parameters: ['x'], good: ['if', ['<', 'x', 0], -1, ['if', ['>', 'x', 0], 1, 0]],
    mutated: ['if', ['<', 'x', 0], -1, ['if', ['>=', 'x', 0], 1, 0]], half: ['if', ['<', 'x', 0], -1, 0],
    examples: [[[-3], -1], [[0], 0], [[8], 1]],
  },
  {
    name: 'absolute', parameters: ['x'], good: ['if', ['<', 'x', 0], ['-', 0, 'x'], 'x'],
    mutated: ['if', ['<', 'x', -1], ['-', 0, 'x'], 'x'], half: 'x', examples: [[[-3], 3], [[-1], 1], [[0], 0], [[4], 4]],
  },
  {
    name: 'discounted', parameters: ['cents', 'percent'],
    good: ['-', 'cents', ['*', 'percent', ['if', ['>', 'cents', 99], 1, 0]]],
    mutated: ['-', 'cents', ['*', 'percent', ['if', ['>', 'cents', 100], 1, 0]]], half: ['-', 'cents', 'percent'],
    examples: [[[200, 10], 190], [[99, 10], 99], [[100, 10], 90]],
  },
  {
    name: 'next_even', parameters: ['x'], good: ['+', 'x', ['-', 2, ['%', 'x', 2]]],
    mutated: ['+', 'x', ['%', 'x', 2]], half: ['+', 'x', 2], examples: [[[2], 4], [[3], 4], [[0], 2], [[9], 10]],
  },
  {
    name: 'shipping', parameters: ['weight'], good: ['if', ['<=', 'weight', 10], 5, ['if', ['<=', 'weight', 20], 9, 14]],
    mutated: ['if', ['<', 'weight', 10], 5, ['if', ['<=', 'weight', 20], 9, 14]], half: ['if', ['<=', 'weight', 10], 5, 9],
    examples: [[[1], 5], [[10], 5], [[11], 9], [[20], 9], [[21], 14]],
  },
  {
    name: 'overlap', parameters: ['a', 'b', 'c', 'd'],
    good: atLeast(['-', atMost('b', 'd'), atLeast('a', 'c')], 0),
    mutated: ['-', atMost('b', 'd'), atLeast('a', 'c')], half: atLeast(['-', 'b', 'c'], 0),
    examples: [[[0, 5, 3, 9], 2], [[0, 2, 3, 9], 0], [[0, 9, 3, 4], 1], [[4, 9, 3, 5], 1]],
  },
  {
    name: 'minutes', parameters: ['hours', 'rest'], good: ['+', ['*', 'hours', 60], ['%', 'rest', 60]],
    mutated: ['+', ['*', 'hours', 60], ['%', 'rest', 61]], half: ['*', 'hours', 60],
    examples: [[[1, 5], 65], [[0, 59], 59], [[2, 60], 120], [[0, 0], 0]],
  },
  {
    name: 'largest', parameters: ['a', 'b', 'c'], good: atLeast(atLeast('a', 'b'), 'c'),
    mutated: atLeast(atLeast('a', 'b'), ['-', 'c', 1]), half: atLeast('a', 'b'), examples: [[[1, 2, 3], 3], [[3, 2, 1], 3], [[1, 3, 2], 3], [[7, 7, 8], 8]],
  },
  {
    name: 'grade', parameters: ['points'], good: ['if', ['>=', 'points', 90], 1, ['if', ['>=', 'points', 50], 2, 3]],
    mutated: ['if', ['>', 'points', 90], 1, ['if', ['>=', 'points', 50], 2, 3]], half: ['if', ['>=', 'points', 50], 2, 3],
    examples: [[[95], 1], [[90], 1], [[89], 2], [[50], 2], [[49], 3]],
  },
  {
    name: 'wrapped', parameters: ['x', 'size'], good: ['%', ['+', ['%', 'x', 'size'], 'size'], 'size'],
    mutated: ['%', ['+', 'x', 'size'], 'size'], half: ['%', 'x', 'size'], examples: [[[7, 5], 2], [[0, 5], 0], [[4, 5], 4], [[-11, 5], 4]],
  },
] // biome-ignore format: one line a thing

/** How an ecosystem writes a module, its tests and its checks. */
interface Ecosystem {
  readonly name: string
  /** A program that has to be there. */
  readonly needs: string
  readonly command: readonly string[]
  readonly module: string
  readonly test: (name: string) => string
  readonly frame: (files: Record<string, string>) => Record<string, string>
  readonly define: (assignment: Pick<Assignment, 'name' | 'parameters'>, body: Expression) => string
  readonly check: (assignment: Pick<Assignment, 'name' | 'examples'>) => string
  readonly comment: (text: string) => string
  readonly skip: (test: string) => string
  /** What stands at the top of the module. */
  readonly head?: string
}

const ternary = (a: string, b: string, c: string) => `(${a} ? ${b} : ${c})`

interface Dialect {
  readonly choose: (a: string, b: string, c: string) => string
  readonly words: Readonly<Record<string, string>>
  /** Where the remainder of negative numbers is another one. */
  readonly rest?: (a: string, b: string) => string
}

function render(body: Expression, how: Dialect): string {
  if (typeof body === 'string' || typeof body === 'number') return String(body)
  const [head, ...rest] = body
  const parts = rest.map((part) => render(part, how))
  if (head === 'if') return how.choose(parts[0] ?? '', parts[1] ?? '', parts[2] ?? '')
  if (head === '%' && how.rest !== undefined) return how.rest(parts[0] ?? '', parts[1] ?? '')
  return `(${parts[0]} ${how.words[head] ?? head} ${parts[1]})`
}

const SCRIPT = { choose: ternary, words: { and: '&&', or: '||', '==': '===' } }
const argumentsOf = (values: readonly number[]) => values.join(', ')

export const ECOSYSTEMS: readonly Ecosystem[] = [
  {
    name: 'JavaScript', needs: 'node', command: ['node', '--test'], module: 'src/calc.js', test: (name) => `test/${name}.test.js`,
    frame: (files) => ({ 'package.json': '{"name":"calc","type":"module","scripts":{"test":"node --test"}}\n', ...files }),
    define: ({ name, parameters }, body) => `export function ${name}(${parameters.join(', ')}) {\n  return ${render(body, SCRIPT)}\n}\n`,
    check: ({ name, examples }) => `import assert from 'node:assert/strict'\nimport { test } from 'node:test'\nimport { ${name} } from '../src/calc.js'\n\n${examples.map(([given, result]) => `test('${name} of ${given.join(' ')}', () => {\n  assert.equal(${name}(${argumentsOf(given)}), ${result})\n})\n`).join('')}`,
    comment: (text) => `// ${text}\n`, skip: (test) => test.replace("test('", "test.skip('"),
  },
  {
    name: 'TypeScript', needs: 'node', command: ['node', '--test'], module: 'src/calc.ts', test: (name) => `test/${name}.test.ts`,
    frame: (files) => ({ 'package.json': '{"name":"calc","type":"module","scripts":{"test":"node --test"}}\n', 'tsconfig.json': '{"compilerOptions":{"strict":true}}\n', ...files }),
    define: ({ name, parameters }, body) => `export function ${name}(${parameters.map((each) => `${each}: number`).join(', ')}): number {\n  return ${render(body, SCRIPT)}\n}\n`,
    check: ({ name, examples }) => `import assert from 'node:assert/strict'\nimport { test } from 'node:test'\nimport { ${name} } from '../src/calc.ts'\n\n${examples.map(([given, result]) => `test('${name} of ${given.join(' ')}', () => {\n  assert.equal(${name}(${argumentsOf(given)}), ${result})\n})\n`).join('')}`,
    comment: (text) => `// ${text}\n`, skip: (test) => test.replace("', () =>", "', { skip: true }, () =>"),
  },
  {
    name: 'Python', needs: 'python3', command: ['python3', '-B', '-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'], module: 'calc/__init__.py', head: 'import math\n\n\n', test: (name) => `tests/test_${name}.py`,
    frame: (files) => ({ 'pyproject.toml': '[project]\nname = "calc"\nversion = "1.0.0"\n', 'tests/__init__.py': '', ...files }),
    define: ({ name, parameters }, body) => `def ${name}(${parameters.join(', ')}):\n    return ${render(body, { choose: (a, b, c) => `(${b} if ${a} else ${c})`, words: {}, rest: (a, b) => `int(math.fmod(${a}, ${b}))` })}\n`,
    check: ({ name, examples }) => `import unittest\n\nfrom calc import ${name}\n\n\nclass Test(unittest.TestCase):\n${examples.map(([given, result], index) => `    def test_${index}(self):\n        self.assertEqual(${name}(${argumentsOf(given)}), ${result})\n`).join('\n')}`,
    comment: (text) => `# ${text}\n`, skip: (test) => test.replace('    def test_0', '    @unittest.skip("later")\n    def test_0'),
  },
  {
    name: 'Rust', needs: 'cargo', command: ['cargo', 'test', '--offline', '--quiet'], module: 'src/lib.rs', test: (name) => `tests/${name}.rs`,
    frame: (files) => ({ 'Cargo.toml': '[package]\nname = "calc"\nversion = "1.0.0"\nedition = "2021"\n', 'Cargo.lock': 'version = 3\n\n[[package]]\nname = "calc"\nversion = "1.0.0"\n', '.gitignore': 'target\n', ...files }),
    define: ({ name, parameters }, body) => `pub fn ${name}(${parameters.map((each) => `${each}: i64`).join(', ')}) -> i64 {\n    ${render(body, { choose: (a, b, c) => `(if ${a} { ${b} } else { ${c} })`, words: { and: '&&', or: '||' } })}\n}\n`,
    check: ({ name, examples }) => examples.map(([given, result], index) => `#[test]\nfn example_${index}() {\n    assert_eq!(calc::${name}(${argumentsOf(given)}), ${result});\n}\n`).join('\n'),
    comment: (text) => `// ${text}\n`, skip: (test) => test.replace('#[test]', '#[test]\n#[ignore]'),
  },
  {
    name: 'C', needs: 'make', command: ['make', '--no-print-directory', 'test'], module: 'calc.c', test: (name) => `tests/test_${name}.c`,
    frame: (files) => ({
      Makefile: 'test:\n\t@mkdir -p build && for t in tests/test_*.c; do cc -I. -o build/t $$t calc.c && ./build/t || exit 1; done\n', '.gitignore': 'build\n', ...files }),
    define: ({ name, parameters }, body) => `long ${name}(${parameters.map((each) => `long ${each}`).join(', ')}) {\n  return ${render(body, { choose: ternary, words: { and: '&&', or: '||' } })};\n}\n`,
    check: ({ name, examples }) => `#include <assert.h>\nlong ${name}();\n\nint main(void) {\n${examples.map(([given, result]) => `  assert(${name}(${given.map((value) => `${value}L`).join(', ')}) == ${result});\n`).join('')}  return 0;\n}\n`,
    comment: (text) => `/* ${text} */\n`, skip: (test) => test.replace('  assert(', '#if 0\n  assert(').replace('  return 0', '#endif\n  return 0'),
  },
] // biome-ignore format: one line a thing
