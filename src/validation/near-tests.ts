import { stat } from 'node:fs/promises'
import { basename, dirname, extname, join, posix } from 'node:path'
import { ifUnreadable } from '../expected.ts'
import { scriptOf } from './package-script.ts'

/** More changed files than that are near everything. */
const MAX_FILES = 40

/**
 * A command that runs only the tests near changed files, by the runner's own means or by the names of files; undefined
 * where the runner has none, or nothing is near. `folder` is where the test command runs, `changed` are paths below it.
 */
export async function nearTests(
  argv: readonly string[],
  folder: string,
  changed: readonly string[],
): Promise<readonly string[] | undefined> {
  const present: string[] = []
  for (const path of changed) if (await isFile(join(folder, path))) present.push(path)
  if (present.length === 0 || present.length > MAX_FILES) return undefined
  const line = ((await scriptOf(argv, folder)) ?? argv.join(' ')).trim()
  const runner = RUNNERS.find(({ runs }) => runs.test(line))
  return await runner?.near(line.split(/\s+/), present, folder)
}

interface Runner {
  /** The whole line: what else it does could be needed, or take the arguments. */
  readonly runs: RegExp
  near(words: readonly string[], changed: readonly string[], folder: string): Promise<readonly string[] | undefined>
}

const of = (changed: readonly string[], endings: RegExp) => changed.filter((path) => endings.test(path))
const SCRIPT = /\.[cm]?[jt]sx?$/

const RUNNERS: readonly Runner[] = [
  {
    runs: /^(?:npx )?vitest(?: run)?$/,
    near: async (_words, changed) => {
      const files = of(changed, SCRIPT)
      return files.length === 0
        ? undefined
        : ['npx', '--no-install', 'vitest', 'related', '--run', '--passWithNoTests', ...files]
    },
  },
  {
    runs: /^(?:npx )?jest(?: --[\w-]+(?:=\S+)?)*$/,
    near: async (words, changed) => {
      const files = of(changed, SCRIPT)
      const jest = words.slice(words.indexOf('jest'))
      return files.length === 0
        ? undefined
        : ['npx', '--no-install', ...jest, '--passWithNoTests', '--findRelatedTests', ...files]
    },
  },
  {
    runs: /^node --test(?: --[\w-]+(?:=\S+)?)*$/,
    near: async (words, changed, folder) => {
      const files = await testsOf(of(changed, SCRIPT), folder, (name, ending) => [
        `${name}.test${ending}`,
        `${name}.spec${ending}`,
      ])
      return files.length === 0 ? undefined : [...words, ...files]
    },
  },
  {
    runs: /^(?:python3? -m |uv run |poetry run )?pytest(?: -[-\w]+(?:=\S+)?)*$/,
    near: async (words, changed, folder) => {
      const files = await testsOf(of(changed, /\.py$/), folder, (name) => [`test_${name}.py`, `${name}_test.py`])
      return files.length === 0 ? undefined : [...words, ...files]
    },
  },
  {
    runs: /^go test (?:-\S+ )*\.\/\.\.\.$/,
    near: async (words, changed) => {
      const packages = new Set(of(changed, /\.go$/).map((path) => `./${posix.dirname(path)}`))
      return packages.size === 0 ? undefined : [...words.slice(0, -1), ...packages]
    },
  },
]

/** Test files among the changed ones, and those that are named after one, beside it or in a folder of tests. */
async function testsOf(
  changed: readonly string[],
  folder: string,
  namesOf: (name: string, ending: string) => readonly string[],
): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const path of changed) {
    const ending = extname(path)
    const name = basename(path, ending)
    const asked = name.replace(/^test_|_test$|\.(?:test|spec)$/g, '')
    if (asked !== name) found.add(path)
    const folders = [dirname(path), join(dirname(path), 'test'), join(dirname(path), 'tests'), 'test', 'tests']
    for (const place of folders)
      for (const candidate of namesOf(asked, ending)) {
        const file = join(place, candidate)
        if (await isFile(join(folder, file))) found.add(file)
      }
  }
  return [...found].sort()
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(ifUnreadable(undefined)))?.isFile() === true
}
