import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'smol-toml'
import { tryParse } from '../../../expected.ts'
import { languageOf } from './languages.ts'

/** Files that say what the checks look for. */
const CONFIGURATION =
  /^(?:\.?(?:eslint|prettier|stylelint|oxlint|mocha|jest|vitest|ava|c8|nyc|pylint|flake8|rubocop|golangci|clippy|rustfmt|clang-tidy|clang-format|editorconfig|coveragerc)(?:rc|ignore)?(?:\.\w+)*|(?:jest|vitest|vite|eslint|playwright|karma|ava|mocha|biome|deno|tsconfig|tslint)(?:\.[\w-]+)*\.(?:json|jsonc|[cm]?[jt]s|ya?ml|toml)|pytest\.ini|tox\.ini|noxfile\.py|mypy\.ini|ruff\.toml|\.ruff\.toml|pyrightconfig\.json|setup\.cfg|phpunit\.xml(?:\.dist)?|phpstan\.neon(?:\.dist)?|psalm\.xml|checkstyle\.xml|\.credo\.exs|Makefile|GNUmakefile|makefile|justfile|Justfile|Taskfile\.ya?ml|Rakefile|CTestTestfile\.cmake|\.npmrc|\.pre-commit-config\.ya?ml|sitecustomize\.py)$/

/** Manifests that may change, and what in them keeps tests from running or failing. */
const SWITCHES: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^Cargo\.toml$/,
    /\bauto(?:tests|benches)\s*=\s*false|\b(?:test|harness|doctest)\s*=\s*false|^\[(?:workspace\.)?lints/gm,
  ],
  [/^pom\.xml$/, /skipTests|maven\.test\.skip|testFailureIgnore|skipITs|<excludes?>/g],
  [/^build\.gradle(?:\.kts)?$/, /\benabled\s*=\s*false|ignoreFailures|\bexclude\w*\b|\bonlyIf\b/g],
  [/\.[cf]sproj$/, /IsTestProject>\s*false|<NoWarn|TreatWarningsAsErrors>\s*false/g],
]

/** Pipelines that judge the work elsewhere. */
const PIPELINE =
  /^(?:\.github\/(?:workflows|actions)\/|\.cargo\/|\.circleci\/|\.gitlab-ci|azure-pipelines|Jenkinsfile|\.buildkite\/|\.drone|bitbucket-pipelines)/

/** What was done to the checks themselves by changing a file; undefined where nothing was. */
export function checkTampering(
  path: string,
  before: string | undefined,
  after: string | undefined,
): string | undefined {
  if (PIPELINE.test(path)) return `${path} runs the checks elsewhere; leave it as it is.`
  const name = basename(path)
  if (name === 'package.json') return packageTampering(path, before, after)
  if (name === 'pyproject.toml') return projectTampering(path, before, after)
  const switched = SWITCHES.find(([file]) => file.test(name))?.[1]
  if (switched !== undefined && (after?.match(switched)?.length ?? 0) > (before?.match(switched)?.length ?? 0))
    return `${path} switches tests or checks off; leave those settings as they are.`
  if (name === '.gitattributes' && /\bfilter=/.test(after ?? ''))
    return `${path} names programs that git runs; leave it as it is.`
  if (name === '.gitmodules') return `${path} adds other repositories; ask for them with a task of their own.`
  return CONFIGURATION.test(name)
    ? `${path} says what the checks look for; leave it as it is, or have the task name it.`
    : undefined
}

/** Keys of package.json that checks read; dependencies may change. */
const CHECKED_KEYS = [
  'scripts',
  'jest',
  'eslintConfig',
  'prettier',
  'c8',
  'nyc',
  'mocha',
  'ava',
  'vitest',
  'workspaces',
]

function packageTampering(path: string, before: string | undefined, after: string | undefined): string | undefined {
  if (before === undefined) return undefined
  if (after === undefined) return `${path} was deleted.`
  const [was, is] = [parseJson(before), parseJson(after)]
  if (is === undefined) return `${path} is no JSON any more.`
  for (const key of CHECKED_KEYS) {
    const [old, now] = [was?.[key], is[key]]
    if (key === 'scripts' && typeof old === 'object' && old !== null && typeof now === 'object' && now !== null) {
      // Scripts may be added; those that were there stay.
      const changed = Object.entries(old).find(([script, line]) => (now as Record<string, unknown>)[script] !== line)
      if (changed !== undefined)
        return `${path} changes the script "${changed[0]}"; checks run it, so leave it as it is.`
    } else if (!isDeepStrictEqual(old, now) && key !== 'scripts') return `${path} changes "${key}"; leave it as it is.`
  }
  return undefined
}

/** Tables of pyproject.toml that checks read. */
function projectTampering(path: string, before: string | undefined, after: string | undefined): string | undefined {
  if (before === undefined) return undefined
  if (after === undefined) return `${path} was deleted.`
  const [was, is] = [toolsOf(before), toolsOf(after)]
  if (is === undefined) return `${path} is no TOML any more.`
  for (const tool of ['pytest', 'ruff', 'mypy', 'pyright', 'coverage', 'pylint', 'flake8', 'tox', 'black', 'isort'])
    if (!isDeepStrictEqual(was?.[tool], is[tool]))
      return `${path} changes [tool.${tool}]; leave it as it is, or have the task name it.`
  return undefined
}

function toolsOf(text: string): Record<string, unknown> | undefined {
  const parsed = tryParse(() => parse(text))
  if (parsed === undefined) return undefined
  const { tool } = parsed
  return typeof tool === 'object' && !Array.isArray(tool) && !(tool instanceof Date) ? { ...tool } : {}
}

function parseJson(text: string): Record<string, unknown> | undefined {
  const value: unknown = tryParse(() => JSON.parse(text))
  return typeof value === 'object' && value !== null ? { ...value } : undefined
}

/** So many new places where a checker is switched off are no exception any more. */
const MANY = 3
/** One of these switches a whole file off. */
const WHOLE_FILE =
  /@ts-(?:nocheck)|^[^\S\n]*(?:\/\*|#)\s*(?:eslint-disable\s*(?:\*\/|$)|flake8: noqa|ruff: noqa|type: ignore\s*$|pylint: skip-file)|#!\[allow\((?:warnings|clippy::all)/gm

/** A program may end itself: it has an entry, or reads what it was started with. */
const PROGRAM = /^#!|\bmain\s*\(|__main__|\b(?:process|sys|os)\.(?:argv|Args)\b|\bargparse\b/

/** Whether code got more marks that switch checkers off than an exception needs, or what hides the result of tests. */
export function suppressionTampering(
  path: string,
  before: string | undefined,
  after: string | undefined,
): string | undefined {
  const language = languageOf(path)
  if (language === undefined || after === undefined) return undefined
  const more = (pattern: RegExp) => (after.match(pattern)?.length ?? 0) - (before?.match(pattern)?.length ?? 0)
  if (more(WHOLE_FILE) > 0) return `${path} switches checkers off for the whole file; mend what they find.`
  if (language.disarms !== undefined && more(language.disarms) > 0 && !PROGRAM.test(after))
    return `${path} ends the program, or switches assertions off, under the tests that call it; return or throw instead.`
  return more(language.suppressions) >= MANY
    ? `${path} switches checkers off in ${more(language.suppressions)} places; mend what they find.`
    : undefined
}
