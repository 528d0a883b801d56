import { extname } from 'node:path'

/**
 * How a language writes tests down, and how one makes a test say nothing. Patterns are global; matches are counted. None
 * may look further than to the next place where it could begin, or than a bound: whole files of such places are looked through.
 */
export interface Language {
  readonly tests: RegExp
  readonly assertions: RegExp
  /** Marks that keep a test from running, or let only some run. */
  readonly skips: RegExp
  /** Assertions that hold whatever the code does. */
  readonly tautologies: RegExp
  /** Marks that switch a checker off for a place. */
  readonly suppressions: RegExp
  /** What ends the program as if all were well, or disarms assertions: in code that tests call, it hides what they would show. */
  readonly disarms?: RegExp
  /** What opens a comment. */
  readonly comments: RegExp
}

/** What opens a comment; global. */
const C_COMMENTS = /\/\*|(?<![:"'`\w])\/\//g
const HASH_COMMENTS = /"""|'''|(?<!["'\w$&])#(?!\[|!)/g

const JAVASCRIPT: Language = {
  tests: /\b(?:test|it|describe)(?:\.each\([^()]*\))?\s*\(/g,
  assertions: /\b(?:expect|assert(?:\.\w+)*|strictEqual|deepEqual)\s*\(|\.should\b|\bthrow new \w*Error\b/g,
  skips:
    /\b(?:test|it|describe)\.(?:skip|only|todo|fails|skipIf|runIf)\b|\bx(?:it|test|describe)\s*\(|\bf(?:it|describe)\s*\(|\b(?:skip|todo|only)\s*:(?!\s*(?:false|undefined|process\.|os\.|platform|is[A-Z]))|\b(?:t|context)\.(?:skip|todo)\s*\(/g,
  tautologies:
    /expect\(\s*(?:true|1|'[^']*'|"[^"]*")\s*\)\.(?:toBe|toEqual)\(|expect\(\s*true\s*\)|assert(?:\.ok)?\(\s*(?:true|1)\s*[,)]|assert\.(?:equal|strictEqual|deepEqual)\(\s*(\S{1,500}?)\s*,\s*\1\s*[,)]/g,
  disarms: /\bprocess\.(?:exit|reallyExit)\s*\(\s*0?\s*\)|\bassert(?:\.\w+){1,5}\s*=(?![=>])/g,
  suppressions:
    /@ts-(?:ignore|nocheck|expect-error)|eslint-disable|biome-ignore|oxlint-disable|\bas any\b|istanbul ignore|c8 ignore|v8 ignore/g,
  comments: C_COMMENTS,
}

const PYTHON: Language = {
  tests:
    /^[^\S\n]*(?:async\s+)?def test\w*\s*\(|^[^\S\n]*class Test\w*|^[^\S\n]*class \w+\((?:unittest\.)?TestCase\)/gm,
  assertions: /^[^\S\n]*assert\b|\bself\.assert\w+\s*\(|\bpytest\.raises\b|\bself\.fail\s*\(/gm,
  skips:
    /@(?:(?:pytest\.mark|unittest)\.)?(?:skip\w*|xfail|expectedFailure)\b|^pytestmark\s*=.*\bskip|__test__\s*=\s*False|^def pytest_(?:collection_modifyitems|ignore_collect|runtest_\w+)|\bpytest\.(?:skip|xfail)\s*\(|\bself\.skipTest\s*\(|raise (?:unittest\.)?SkipTest|^collect_ignore/gm,
  tautologies:
    /^[^\S\n]*assert\s+(?:True|1)\b|\bself\.assertTrue\(\s*True\s*\)|\bself\.assert(?:Equal|Equals|Is)\(\s*(\S{1,500}?)\s*,\s*\1\s*[,)]/gm,
  disarms: /\bos\._exit\s*\(\s*0\s*\)|\bTestCase\.\w+\s*=(?!=)|\bsetattr\(\s*(?:unittest\.)?TestCase\b/g,
  suppressions:
    /#\s*(?:noqa|type:\s*ignore|pylint:\s*disable|pyright:\s*ignore|ruff:\s*noqa|pragma:\s*no cover|mypy:)/g,
  comments: HASH_COMMENTS,
}

const GO: Language = {
  tests: /^func (?:Test|Benchmark|Fuzz|Example)\w*\s*\(|\bt\.Run\s*\(/gm,
  assertions: /\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\s*\(|\b(?:assert|require)\.\w+\s*\(/g,
  skips: /\bt\.(?:Skip|Skipf|SkipNow)\s*\(|^\/\/go:build\b/gm,
  tautologies: /\b(?:assert|require)\.True\(\s*t\s*,\s*true\b/g,
  disarms: /\bos\.Exit\s*\(\s*0\s*\)/g,
  suppressions: /\/\/\s*nolint|\/\/\s*#nosec/g,
  comments: C_COMMENTS,
}

const RUST: Language = {
  tests: /#\[(?:tokio::)?test\b[^[\]]*\]/g,
  assertions: /\b(?:debug_)?assert(?:_eq|_ne|_matches)?!\s*\(|#\[should_panic/g,
  skips: /#\[ignore\b|#!\[cfg\b|#\[cfg\(any\(\)\)\]|#\[cfg\(never\)\]/g,
  tautologies: /\bassert!\(\s*true\s*[,)]|\bassert_eq!\(\s*(\S{1,500}?)\s*,\s*\1\s*[,)]/g,
  disarms: /\bprocess::exit\s*\(\s*0\s*\)/g,
  suppressions: /#!?\[allow\b/g,
  comments: C_COMMENTS,
}

const JVM: Language = {
  tests: /@(?:Test|ParameterizedTest|RepeatedTest|Property)\b/g,
  assertions: /\b(?:assert\w*|verify|fail|assertThat|expectThrows|shouldBe)\s*\(|^[^\S\n]*assert\b/gm,
  skips: /@(?:Disabled|Ignore|DisabledIf\w*|EnabledIf\w*)\b|\bassume(?:True|False|That)\s*\(/g,
  tautologies: /\bassertTrue\(\s*true\s*[,)]|\bassertEquals\(\s*(\S{1,500}?)\s*,\s*\1\s*[,)]/g,
  suppressions: /@SuppressWarnings|\/\/\s*NOSONAR|CHECKSTYLE:OFF/g,
  comments: C_COMMENTS,
}

const DOTNET: Language = {
  tests: /\[(?:Fact|Theory|Test|TestCase|TestMethod|DataTestMethod)\b/g,
  assertions: /\bAssert\.\w+\s*[(<]|\.Should\(\)/g,
  skips: /\bSkip\s*=|\[Ignore\b|\bAssert\.(?:Ignore|Inconclusive)\s*\(/g,
  tautologies: /\bAssert\.(?:True|IsTrue)\(\s*true\s*[,)]/g,
  suppressions: /#pragma warning disable|\[SuppressMessage|#nullable disable/g,
  comments: C_COMMENTS,
}

const RUBY: Language = {
  tests: /^[^\S\n]*(?:it|specify|test|describe|context)\b|^[^\S\n]*def test_/gm,
  assertions: /\bexpect\b|\bassert\w*\b|\brefute\w*\b|\.should\b/g,
  skips: /^[^\S\n]*(?:xit|xdescribe|fit|fdescribe|pending|skip)\b|,\s*(?:skip|pending|focus):/gm,
  tautologies: /\bexpect\(\s*true\s*\)\.to\s+(?:be|eq)|\bassert\s+true\b/g,
  suppressions: /#\s*rubocop:disable|:nocov:/g,
  comments: HASH_COMMENTS,
}

const PHP: Language = {
  tests: /\bfunction test\w*\s*\(|#\[Test\]|@test\b|^[^\S\n]*(?:it|test)\s*\(/gm,
  assertions: /->assert\w+\s*\(|::assert\w+\s*\(|\bexpect\s*\(|->expectException/g,
  skips: /->markTest(?:Skipped|Incomplete)\s*\(|->skip\s*\(/g,
  tautologies: /assertTrue\(\s*true\s*\)/g,
  suppressions: /@phpstan-ignore|@psalm-suppress|phpcs:(?:ignore|disable)/g,
  comments: C_COMMENTS,
}

const C: Language = {
  tests: /\b(?:TEST|TEST_F|TEST_CASE|START_TEST|BOOST_AUTO_TEST_CASE|void test_?\w*)\s*\(/g,
  assertions: /\b(?:assert|ASSERT\w*|EXPECT\w*|CHECK\w*|REQUIRE\w*|ck_assert\w*|TEST_ASSERT\w*)\s*\(/g,
  skips: /\b(?:GTEST_SKIP|DISABLED_\w+|TEST_IGNORE\w*)\b|^[^\S\n]*#if 0\b/gm,
  tautologies: /\b(?:assert|ASSERT_TRUE|EXPECT_TRUE|CHECK|REQUIRE)\(\s*(?:true|1)\s*\)/g,
  disarms:
    /\b(?:_?exit|_Exit|quick_exit)\s*\(\s*(?:0|EXIT_SUCCESS)\s*\)|^[^\S\n]*#\s*define\s+NDEBUG\b|^[^\S\n]*#\s*(?:undef|define)\s+assert\b/gm,
  suppressions: /\bNOLINT|#pragma (?:GCC|clang) diagnostic ignored/g,
  comments: C_COMMENTS,
}

const BY_ENDING: Readonly<Record<string, Language>> = {
  '.js': JAVASCRIPT, '.mjs': JAVASCRIPT, '.cjs': JAVASCRIPT, '.jsx': JAVASCRIPT, '.ts': JAVASCRIPT, '.mts': JAVASCRIPT, '.cts': JAVASCRIPT, '.tsx': JAVASCRIPT,
  '.vue': JAVASCRIPT, '.svelte': JAVASCRIPT, '.py': PYTHON, '.go': GO, '.rs': RUST, '.java': JVM, '.kt': JVM, '.kts': JVM, '.scala': JVM, '.groovy': JVM,
  '.cs': DOTNET, '.fs': DOTNET, '.rb': RUBY, '.php': PHP, '.c': C, '.cc': C, '.cpp': C, '.h': C, '.hpp': C, '.swift': JAVASCRIPT, '.ex': RUBY, '.exs': RUBY,
} // biome-ignore format: a table

/** The language of a file by its ending; undefined for what is no code we know. */
export function languageOf(path: string): Language | undefined {
  return BY_ENDING[extname(path).toLowerCase()]
}

const TEST_PATHS = [
  /(?:^|\/)(?:tests?|__tests__|specs?|testing|e2e)\//,
  /\.(?:test|tests|spec|check)\.[cm]?[jt]sx?$/,
  /(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.(?:py|go|exs?|rs|c|cc|cpp|rb)$/,
  /(?:^|\/)[^/]*_spec\.rb$/,
  /(?:Test|Tests|IT|Spec)\.(?:java|kt|scala|groovy|cs|fs|php|swift)$/,
  /(?:^|\/)(?:tests?|check)\.(?:[cm]?[jt]s|py|rs|c|sh)$/,
]

/** Whether a file holds tests, by the names that the ecosystems give them. */
export function isTestFile(path: string): boolean {
  return TEST_PATHS.some((pattern) => pattern.test(path))
}

/** Text without comments and blanks: what is left is what runs. */
export function codeOf(language: Language, text: string): string {
  return withoutComments(language, text).replaceAll(/\s+/g, ' ').trim()
}

const CLOSES: Readonly<Record<string, string>> = { '/*': '*/', '"""': '"""', "'''": "'''" }

/** What is opened and never closed, such as the end of `'src/*'`, is no comment. */
export function withoutComments({ comments }: Language, text: string): string {
  const opens = new RegExp(comments)
  const neverClosed = new Set<string>()
  const kept: string[] = []
  let from = 0
  for (let match = opens.exec(text); match !== null; match = opens.exec(text)) {
    const close = CLOSES[match[0]] ?? '\n'
    const found = neverClosed.has(close) ? -1 : text.indexOf(close, opens.lastIndex)
    if (found === -1 && close !== '\n') {
      neverClosed.add(close)
      opens.lastIndex = match.index + 1
      continue
    }
    kept.push(text.slice(from, match.index))
    // A comment to the end of its line leaves that end.
    from = found === -1 ? text.length : close === '\n' ? found : found + close.length
    opens.lastIndex = from
  }
  kept.push(text.slice(from))
  return kept.join('')
}
