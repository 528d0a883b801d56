import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { TestCase } from '../../../schemas/test-report.ts'
import { readGo, readJest } from './json.ts'
import { readJunit, readTrx } from './junit.ts'
import { readCargo, readTap } from './text.ts'

/** How a test command is made to leave a report, without changing what it tests. */
export interface Reporting {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Test cases after it ran; empty where it left nothing readable. `output` is what it printed. */
  read(output: string): Promise<readonly TestCase[]>
}

const Scripts = z.looseObject({ scripts: z.record(z.string(), z.string()).catch({}) })
const NOTHING: Readonly<Record<string, string>> = {}

/** Prepares a test command. `scratch` is a folder outside the worktree for the report. */
export async function prepareReport(argv: readonly string[], folder: string, scratch: string): Promise<Reporting> {
  const script = await scriptOf(argv, folder)
  const line = script ?? argv.join(' ')
  const file = join(scratch, 'report')
  const fromFile = async (read: (text: string) => readonly TestCase[]) =>
    read(await readFile(file, 'utf8').catch(() => ''))
  const more = (args: readonly string[]) =>
    script === undefined ? [...argv, ...args] : [...argv, ...(argv[0] === 'npm' ? ['--'] : []), ...args]
  // Only where the last command of a script gets the arguments that are put behind it.
  const last =
    line
      .split(/&&|\|\||;/)
      .at(-1)
      ?.trim() ?? ''
  if (/^(?:npx )?vitest\b/.test(last) && !/--reporter|--outputFile/.test(line))
    return {
      argv: more(['--reporter=default', '--reporter=json', `--outputFile=${file}`]),
      environment: NOTHING,
      read: () => fromFile((text) => readJest(text, folder)),
    }
  if (/^(?:npx )?jest\b/.test(last) && !/--json|--outputFile/.test(line))
    return {
      argv: more(['--json', `--outputFile=${file}`]),
      environment: NOTHING,
      read: () => fromFile((text) => readJest(text, folder)),
    }
  if (/\bnode\b[^&|;]*\s--test\b/.test(line) && !/--test-reporter/.test(line)) {
    const options = [
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=junit',
      `--test-reporter-destination=${file}`,
    ]
    return { argv, environment: { NODE_OPTIONS: options.join(' ') }, read: () => fromFile(readJunit) }
  }
  if (/\b(?:pytest|tox|nox)\b/.test(line) && !/junit-?xml/.test(line))
    return { argv, environment: { PYTEST_ADDOPTS: `--junitxml=${file}` }, read: () => fromFile(readJunit) }
  if (argv[0] === 'go' && argv[1] === 'test' && !argv.includes('-json'))
    return {
      argv: ['go', 'test', '-json', ...argv.slice(2)],
      environment: NOTHING,
      read: async (output) => readGo(output),
    }
  if (argv[0] === 'dotnet' && argv[1] === 'test' && !line.includes('logger'))
    return {
      argv: [...argv, '--logger', `trx;LogFileName=${file}`],
      environment: NOTHING,
      read: () => fromFile(readTrx),
    }
  const begun = Date.now()
  if (/\b(?:mvnw?|gradlew?)\b/.test(line))
    return { argv, environment: NOTHING, read: async () => await readFolders(folder, begun) }
  return {
    argv,
    environment: NOTHING,
    read: async (output) => (/^test result: /m.test(output) ? readCargo(output) : readTap(output)),
  }
}

/** The text of the package.json script that a command runs; undefined where it runs none. */
async function scriptOf(argv: readonly string[], folder: string): Promise<string | undefined> {
  const [manager = '', verb = '', name = verb] = argv
  if (!['npm', 'pnpm', 'yarn', 'bun'].includes(manager)) return undefined
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '')
  try {
    return Scripts.parse(JSON.parse(text)).scripts[verb === 'run' ? name : verb]
  } catch {
    return undefined
  }
}

/** Reports that Maven and Gradle left since the check began. */
async function readFolders(folder: string, since: number): Promise<readonly TestCase[]> {
  const cases: TestCase[] = []
  const entries = await readdir(folder, { recursive: true }).catch(() => [])
  for (const entry of entries.filter((path) =>
    /(?:surefire-reports|failsafe-reports|test-results)[\\/].*\.xml$/.test(path),
  )) {
    const path = join(folder, entry)
    if ((await stat(path)).mtimeMs >= since - 1000) cases.push(...readJunit(await readFile(path, 'utf8')))
  }
  return cases
}
