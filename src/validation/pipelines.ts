import { parse } from 'yaml'
import { z } from 'zod'
import type { CheckCommand, CheckKind } from '../../schemas/repository.ts'
import { tryParse } from '../expected.ts'
import { command, type Detector } from './manifest.ts'

/** What a pipeline runs is what people trust: it counts before what a manifest suggests. Read, never run, until a person or a baseline does. */
export const detectPipelines: Detector = async (tree) => {
  const files = tree.paths.filter((path) => PIPELINES.test(path)).sort(byUsefulness)
  const commands: CheckCommand[] = []
  for (const path of files.slice(0, 40)) {
    const text = await tree.read(path)
    const document =
      text === undefined || (text.match(ALIAS) ?? []).length > MAX_ALIASES ? undefined : tryParse(() => parse(text))
    for (const line of linesIn(document)) {
      const found = understand(line, tree.has)
      if (found !== undefined && !commands.some(({ kind }) => kind === found.kind))
        commands.push(command(found.kind, found.argv, path))
    }
  }
  return { packages: [], commands }
}

const ALIAS = /(?:^|[\s[{,:-])\*[^\s,\]}]/gm
/** More that stand for each other can take minutes to resolve, whatever limit the parser has. */
const MAX_ALIASES = 50

const PIPELINES =
  /^(?:\.github\/workflows\/[^/]+\.ya?ml|\.gitlab-ci\.ya?ml|azure-pipelines\.ya?ml|\.circleci\/config\.ya?ml|\.woodpecker\.ya?ml|bitbucket-pipelines\.ya?ml)$/

/** Pipelines for tests before those for releases and pages. */
function byUsefulness(a: string, b: string): number {
  const rank = (path: string) =>
    /(?:^|[/_-])(?:ci|test|tests|check|checks|build|main|push|pr|pull)/i.test(path)
      ? 0
      : /release|publish|deploy|docs|pages|nightly|bench|stale|codeql/i.test(path)
        ? 2
        : 1
  return rank(a) - rank(b) || (a < b ? -1 : 1)
}

const Step = z.looseObject({ 'working-directory': z.unknown().optional() })
/** Where pipelines keep command lines. */
const SCRIPTS = ['run', 'script', 'bash', 'command']

/** Every command line of a pipeline, in its order; steps in another folder are left out. */
function linesIn(node: unknown, depth = 0): readonly string[] {
  if (depth > 12 || typeof node !== 'object' || node === null) return []
  if (Array.isArray(node)) return node.flatMap((entry) => linesIn(entry, depth + 1))
  const step = Step.parse(node)
  if (typeof step['working-directory'] === 'string' && step['working-directory'] !== '.') return []
  const entries = Object.entries(node)
  const own = entries.flatMap(([key, value]) => (SCRIPTS.includes(key) ? textsOf(value) : []))
  const below = entries.flatMap(([key, value]) =>
    SCRIPTS.includes(key) && Array.isArray(value) ? [] : linesIn(value, depth + 1),
  )
  return [...own.flatMap(split), ...below]
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

/**
 * Commands of a script, one each: joined lines and `&&` are cut, what a shell would have to understand is left out, and what
 * runs in another folder too, where it may be another command.
 */
function split(script: string): readonly string[] {
  const lines = script.replaceAll(/\\\r?\n\s*/g, ' ').split(/\r?\n|&&|;/)
  const elsewhere = lines.findIndex((line) => /^\s*(?:cd|pushd)\s/.test(line))
  return lines
    .slice(0, elsewhere === -1 ? lines.length : elsewhere)
    .map((line) => line.trim().replace(/^(?:[A-Z_][A-Z0-9_]*=\S* )+/, ''))
    .filter((line) => line !== '' && !/[|<>`]|\$\(|\$\{|\$[A-Za-z_]|["']|[*?]/.test(line.replaceAll('./...', '')))
}

/** Where make finds its targets. */
export const MAKEFILES = ['Makefile', 'makefile', 'GNUmakefile']

interface Understood {
  readonly kind: CheckKind
  readonly argv: readonly string[]
}

/** Words in front of a program that only say where it comes from. */
const RUNNER =
  /^(?:npx|pnpm exec|pnpm dlx|yarn|bunx|uv run|poetry run|pdm run|pipenv run|hatch run|rye run|bundle exec|mise exec --|xvfb-run(?: -a)?|python3? -m|composer exec) /

/** What a program and its first words prove. The first that fits counts. */
const TOOLS: readonly (readonly [CheckKind, RegExp])[] = [
  [
    'format',
    /^(?:prettier .*(?:--check|-c)\b|biome format\b|cargo fmt .*--check|black .*--check|ruff format .*--check|mix format --check|dotnet format .*--verify|gofumpt|clang-format .*--dry-run|php-cs-fixer .*--dry-run|rustfmt --check)/,
  ],
  ['format', /^(?:npm|pnpm|yarn|bun)(?: run)? (?:format:check|check:format|fmt:check|prettier:check|format-check)$/],
  [
    'types',
    /^(?:tsc\b|mypy\b|pyright\b|basedpyright\b|ty check|sorbet|srb tc|phpstan\b|vendor\/bin\/phpstan\b|psalm\b|vendor\/bin\/psalm\b|mix dialyzer|vue-tsc\b)/,
  ],
  ['types', /^(?:npm|pnpm|yarn|bun)(?: run)? (?:typecheck|type-check|check:types|types|tsc|check-types)$/],
  ['types', /^make (?:types|typecheck|mypy|type-check)$/],
  ['types', /^composer (?:phpstan|analyse|analyze|stan|types)$/],
  [
    'lint',
    /^(?:eslint\b|oxlint\b|biome (?:ci|lint|check)\b|xo\b|standard\b|ruff check\b|ruff \.|flake8\b|pylint\b|go vet\b|golangci-lint run\b|staticcheck\b|cargo clippy\b|rubocop\b|standardrb\b|mix credo\b|ktlint\b|phpcs\b|vendor\/bin\/phpcs\b|clang-tidy\b|cppcheck\b|swiftlint\b|pre-commit run\b)/,
  ],
  ['lint', /^(?:npm|pnpm|yarn|bun)(?: run)? (?:lint|check:lint|lint:check|lint:ci)$/],
  ['lint', /^(?:make|just|task) (?:lint|check-lint)$/],
  ['lint', /^(?:\.\/gradlew|gradle) .*(?:spotlessCheck|ktlintCheck|detekt|checkstyleMain|lint)\b/],
  ['lint', /^composer (?:lint|cs|phpcs|check-style)$/],
  [
    'test',
    /^(?:vitest\b|jest\b|mocha\b|ava\b|tap\b|node --test\b|bun test\b|deno test\b|playwright test|pytest\b|py\.test\b|unittest\b|tox\b|nox\b|go test\b|gotestsum\b|cargo (?:test|nextest run)\b|rspec\b|rake (?:test|spec)\b|rake$|(?:bin\/)?rails (?:test|spec)\b|phpunit\b|vendor\/bin\/(?:phpunit|pest)\b|pest\b|mix test\b|dotnet test\b|swift test\b|hatch test\b|coverage run -m pytest)/,
  ],
  ['test', /^(?:npm|pnpm|yarn|bun) (?:test|t)\b(?! .*--watch)/],
  ['test', /^(?:npm|pnpm|yarn|bun)(?: run)? (?:test|test:unit|test:ci|tests|coverage|test:coverage|ci:test)(?: |$)/],
  ['test', /^(?:\.\/mvnw|mvn) .*\b(?:test|verify|install)\b/],
  ['test', /^(?:\.\/gradlew|gradle) .*\b(?:test|check|build)\b/],
  [
    'test',
    /^(?:make|just|task|nox -s|mise run|bin\/|script\/|\.\/)(?: ?)(?:test|tests|check|unit|test-unit|ci-test)\b/,
  ],
  ['test', /^composer (?:test|tests|run-script test|run test|phpunit)$/],
  [
    'build',
    /^(?:npm|pnpm|yarn|bun)(?: run)? build$|^(?:go build|cargo build|cargo check|dotnet build|mix compile|swift build|make build|make all)\b/,
  ],
]

function understand(line: string, has: (path: string) => boolean): Understood | undefined {
  let words = line
  const runner: string[] = []
  for (let found = RUNNER.exec(words); found !== null; found = RUNNER.exec(words)) {
    // yarn runs scripts by the same word as programs.
    if (
      found[0] === 'yarn ' &&
      /^yarn (?:run )?(?:test|lint|build|typecheck|type-check|format:check|check:\w+)\b/.test(words)
    )
      break
    runner.push(...found[0].trim().split(' '))
    words = words.slice(found[0].length)
  }
  const tool = TOOLS.find(([, pattern]) => pattern.test(words))
  if (tool === undefined) return undefined
  const [kind] = tool
  const argv = [...runner, ...words.split(/\s+/)]
  // What it runs has to be there: a script of the repository, or a Makefile, which others are only made by a step before.
  if (argv[0] === 'make' && !MAKEFILES.some(has)) return undefined
  if (/^\.?\.?\/|^(?:bin|script)\//.test(argv[0] ?? '') && !has((argv[0] ?? '').replace(/^\.\//, ''))) return undefined
  return argv.length > 50 ? undefined : { kind, argv }
}
