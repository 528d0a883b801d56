import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestCase } from '../../../schemas/test-report.ts'
import { ifUnreadable } from '../../expected.ts'
import { scriptOf } from '../package-script.ts'
import { readCargo } from './cargo.ts'
import { readGo, readJest } from './json.ts'
import { readJunit, readTrx } from './junit.ts'
import { readNodeTest } from './node-test.ts'
import { readTap } from './tap.ts'
import { readUnittest } from './unittest.ts'

/** How a test command is made to leave a report, without changing what it tests. */
export interface Reporting {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Test cases after it ran; empty where it left nothing readable. `output` is what it printed. */
  read(output: string): Promise<readonly TestCase[]>
}

const NOTHING: Readonly<Record<string, string>> = {}

/** What stands in front of a runner without changing what it takes. */
const AROUND =
  /^(?:(?:npx|bunx|pnpm exec|pnpm dlx|pnpm|yarn run|yarn|c8|nyc|cross-env|dotenv(?: -e \S+)* --|\w+=\S*)\s+)*/

/** Where Maven and Gradle leave their reports. */
const JVM = /(?:surefire-reports|failsafe-reports|test-results)[\\/].*\.xml$/

/** Prepares a test command. `scratch` is a folder outside the worktree for the report. */
export async function prepareReport(argv: readonly string[], folder: string, scratch: string): Promise<Reporting> {
  const script = await scriptOf(argv, folder)
  const line = script ?? argv.join(' ')
  const file = join(scratch, 'report')
  const fromFile = async (read: (text: string) => readonly TestCase[] | Promise<readonly TestCase[]>) =>
    await read(await readFile(file, 'utf8').catch(ifUnreadable('')))
  const withFile = (args: readonly string[], read: (text: string) => readonly TestCase[]) => ({
    argv: more(args),
    environment: NOTHING,
    read: () => fromFile(read),
  })
  const more = (args: readonly string[]) =>
    script === undefined ? [...argv, ...args] : [...argv, ...(argv[0] === 'npm' ? ['--'] : []), ...args]
  // Only where the last command of a script gets the arguments that are put behind it.
  const last = (line.split(/&&|\|\||;/).at(-1) ?? '').trim().replace(AROUND, '')
  const readJson = (text: string) => readJest(text, folder)
  if (/^vitest\b/.test(last) && !/--reporter|--outputFile/.test(line))
    return withFile(['--reporter=default', '--reporter=json', `--outputFile=${file}`], readJson)
  if (/^jest\b/.test(last) && !/--json|--outputFile/.test(line))
    return withFile(['--json', `--outputFile=${file}`], readJson)
  if (/^bun test\b/.test(last) && !/--reporter/.test(line))
    return withFile(['--reporter=junit', `--reporter-outfile=${file}`], readJunit)
  if (/^(?:php )?(?:\S*\/)?(?:phpunit|pest)\b/.test(last) && !/--log-junit/.test(line))
    return withFile(['--log-junit', file], readJunit)
  if (/^ctest\b/.test(last) && !/--output-junit/.test(line)) return withFile(['--output-junit', file], readJunit)
  if (argv[0] === 'gotestsum' && !line.includes('--junitfile'))
    return { ...withFile([], readJunit), argv: ['gotestsum', `--junitfile=${file}`, ...argv.slice(1)] }
  if (/\bnode\b[^&|;]*\s--test\b/.test(line) && !/--test-reporter/.test(line)) {
    const options = [
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=junit',
      `--test-reporter-destination=${file}`,
    ]
    return { argv, environment: { NODE_OPTIONS: options.join(' ') }, read: () => fromFile(readNodeTest) }
  }
  if (/\bpytest\b/.test(line) && !/junit-?xml/.test(line))
    return { argv, environment: { PYTEST_ADDOPTS: `--junitxml=${file}` }, read: () => fromFile(readJunit) }
  if (/\bpython[\d.]*\b[^&|;]*\s-m unittest\b/.test(last))
    return {
      argv: /\s(?:-v|-q|--verbose|--quiet)\b/.test(last) ? argv : more(['-v']),
      environment: NOTHING,
      read: async (output) => readUnittest(output),
    }
  if (argv[0] === 'go' && argv[1] === 'test' && !argv.includes('-json'))
    return {
      argv: ['go', 'test', '-json', ...argv.slice(2)],
      environment: NOTHING,
      read: async (output) => readGo(output),
    }
  if (argv[0] === 'dotnet' && argv[1] === 'test' && !line.includes('logger'))
    // Each project of a solution leaves a file of its own.
    return {
      argv: [...argv, '--logger', 'trx', '--results-directory', scratch],
      environment: NOTHING,
      read: async () => (await readFiles(scratch, /\.trx$/, 0)).flatMap(readTrx),
    }
  const begun = Date.now()
  if (/\b(?:mvnw?|gradlew?)\b/.test(line))
    return { argv, environment: NOTHING, read: async () => (await readFiles(folder, JVM, begun)).flatMap(readJunit) }
  // It prints its own summary between the lines of what it ran.
  if (/^prove\b/.test(last)) return { argv, environment: NOTHING, read: async () => [] }
  return {
    argv,
    environment: NOTHING,
    read: async (output) => (/^running \d+ tests?$/m.test(output) ? readCargo(output) : readTap(output)),
  }
}

/** Texts of the files below a folder whose path fits and that were written since; dependencies left out. */
async function readFiles(folder: string, wanted: RegExp, since: number): Promise<readonly string[]> {
  const texts: string[] = []
  const visit = async (place: string): Promise<void> => {
    for (const entry of await readdir(place, { withFileTypes: true }).catch(ifUnreadable([]))) {
      const path = join(place, entry.name)
      if (entry.isDirectory() && !PASSED_OVER.has(entry.name)) await visit(path)
      if (!entry.isFile() || !wanted.test(path)) continue
      const written = await stat(path).catch(ifUnreadable(undefined))
      if (written !== undefined && written.mtimeMs >= since - 1000)
        texts.push(await readFile(path, 'utf8').catch(ifUnreadable('')))
    }
  }
  await visit(folder)
  return texts
}

const PASSED_OVER = new Set(['node_modules', '.git', '.venv'])
