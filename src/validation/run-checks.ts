import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import type { CheckResult, TestCounts } from '../../schemas/evidence.ts'
import { type CheckCommand, CheckKind } from '../../schemas/repository.ts'
import type { TestCase } from '../../schemas/test-report.ts'
import { removeOfAnyAge } from '../files/remove.ts'
import { runMarked } from '../process/run-marked.ts'
import type { Sandbox } from '../process/sandbox.ts'
import { createBlackout } from '../redaction/blackout.ts'
import { redact } from '../redaction/redact.ts'
import { withoutTerminalCommands } from '../visible.ts'
import { containedFolder } from './contained-folder.ts'
import { firstError, testCounts } from './report.ts'
import { prepareReport, type Reporting } from './reports/obtain.ts'
import { pathOfSteps, stepsOf } from './steps.ts'

/** Limits of one check: an hour where nobody knows how long it takes, and ten megabytes of output kept for reading reports. */
export const DEFAULT_LIMITS = { timeoutMs: 60 * 60_000, maxOutputBytes: 10 * 1024 * 1024 }

/** Milliseconds that a check may take which took so long before: three times as much, and never less than ten minutes. */
export function timeLimit(before: readonly number[]): number {
  return before.length === 0 ? DEFAULT_LIMITS.timeoutMs : Math.max(10 * 60_000, 3 * Math.max(...before))
}

/** First error of a test check without tests: red, as it proves nothing. */
export const NO_TEST_RAN = 'No test ran.'

/** What runners say of a place without tests, before they end as if something were wrong. */
const WITHOUT_TESTS =
  /^(?:=+ )?no tests ran in\b|^No test files found\b|^No tests found\b|^Error: No test files found|^No tests executed!/im

/** Characters of output that are stored with a result. */
const TAIL = 8000

export interface CheckRun {
  readonly worktree: string
  readonly subpath: string
  readonly commands: readonly CheckCommand[]
  /** Added to the small environment of child processes. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Mark that every descendant inherits; one of its own where absent. */
  readonly mark?: string | undefined
  /** What they may touch of this machine; undefined: whatever the user may. */
  readonly sandbox?: Sandbox | undefined
  /** Milliseconds a check may take. */
  readonly timeoutMs: number
  /** Bytes of output kept in memory; all of it counts for the digest. */
  readonly maxOutputBytes: number
}

/**
 * Runs every command, cheap kinds first, in the environment that a pipe of the person's shell has, without its secrets. A red one does not stop the rest.
 * `onResult` gets each result with all tests of its report, of which the result itself keeps only those that did not pass.
 */
export async function runChecks(
  run: CheckRun,
  onResult: (result: CheckResult, tests: readonly TestCase[]) => void,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const folder = await containedFolder(run.worktree, run.subpath)
  const ordered = [...run.commands].sort(
    (a, b) => CheckKind.options.indexOf(a.kind) - CheckKind.options.indexOf(b.kind),
  )
  const results: CheckResult[] = []
  for (const command of ordered) {
    signal.throwIfAborted()
    const { result, cases } = await runCheck(command, run, folder, signal)
    results.push(result)
    onResult(result, cases)
  }
  signal.throwIfAborted()
  return results
}

interface Ran {
  readonly result: CheckResult
  readonly cases: readonly TestCase[]
}

/** A red check that ends at its first red step says nothing of the steps behind it: these run by themselves then. */
async function runCheck(command: CheckCommand, run: CheckRun, folder: string, signal: AbortSignal): Promise<Ran> {
  const whole = await runOnce(command, run, folder, signal)
  if (command.kind !== 'test' || whole.result.status !== 'failed') return whole
  const steps = await stepsOf(command.argv, folder)
  if (steps.length === 0) return whole
  const PATH = pathOfSteps(folder, run.worktree, run.environment?.['PATH'])
  const stepping = { ...run, environment: { ...run.environment, PATH } }
  const cases: TestCase[] = []
  for (const argv of steps) {
    signal.throwIfAborted()
    const step = await runOnce({ ...command, argv: [...argv] }, stepping, folder, signal)
    cases.push(...step.cases)
    if (step.result.status !== 'passed' && !step.cases.some(isRed)) cases.push(stepCase(argv, step.result))
  }
  if (!cases.some(isRed)) cases.push(stepCase(command.argv, whole.result))
  return { result: { ...whole.result, counts: countsOf(cases), cases: notable(cases) }, cases }
}

function isRed({ status }: TestCase): boolean {
  return status === 'failed'
}

/** A step without a report, as if it were a test; red for another reason, it is another one. */
function stepCase(argv: readonly string[], { firstError, status }: CheckResult): TestCase {
  const line = argv[0] === 'sh' ? (argv[2] ?? '') : argv.join(' ')
  const why = firstError ?? status.replace('_', ' ')
  return { id: `${line}: ${why}`.slice(0, 500), status: 'failed', message: why }
}

async function runOnce(command: CheckCommand, run: CheckRun, folder: string, signal: AbortSignal): Promise<Ran> {
  const scratch = await mkdtemp(join(tmpdir(), 'speki-check-'))
  try {
    const plain = { argv: command.argv, environment: {}, read: async () => [] }
    const reporting = command.kind === 'test' ? await prepareReport(command.argv, folder, scratch) : plain
    const { sandbox } = run
    const inside = sandbox && { ...sandbox, writable: [...sandbox.writable, scratch] }
    return await runReported(command, reporting, { ...run, sandbox: inside }, folder, signal)
  } finally {
    await removeOfAnyAge(scratch, dirname(scratch))
  }
}

async function runReported(
  command: CheckCommand,
  reporting: Reporting,
  run: CheckRun,
  folder: string,
  signal: AbortSignal,
): Promise<Ran> {
  const [program = '', ...args] = reporting.argv
  const digest = createHash('sha256')
  const started = performance.now()
  let bytes = 0
  const kept = createTail(run.maxOutputBytes)
  const { reason, exitCode } = await runMarked(
    {
      file: program,
      args,
      folder,
      environment: { ...run.environment, ...reporting.environment },
      mark: run.mark ?? randomUUID(),
      limits: { wallMs: run.timeoutMs, stallMs: run.timeoutMs, lineBytes: 0, totalBytes: Number.POSITIVE_INFINITY },
      input: '',
      sandbox: run.sandbox,
      onOutput(chunk) {
        digest.update(chunk)
        bytes += chunk.length
        kept.add(chunk)
      },
    },
    () => {},
    signal,
  )
  // As it is in a pipe of the person's shell, where some colour all the same.
  const blackout = createBlackout(Object.values(run.environment ?? {}))
  const output = redact(blackout(withoutTerminalCommands(kept.text())))
  const cases = (await reporting.read(output)).map((entry) => {
    const below = belowFolder(entry, folder)
    return below.message === undefined ? below : { ...below, message: redact(blackout(below.message)) }
  })
  const counts = cases.length > 0 ? countsOf(cases) : testCounts(output)
  // A program that says all is well over a red test is not believed.
  const contradicts = exitCode === 0 && (counts?.failed ?? 0) > 0
  // Nor one that says so without having run any: what was told of nothing proves nothing.
  const empty = command.kind === 'test' && exitCode === 0 && counts?.passed === 0 && !contradicts
  const status =
    reason === 'timeout' || reason === 'stalled'
      ? 'timed_out'
      : reason === 'not_started'
        ? 'not_started'
        : reason === 'exited' && exitCode === 0 && !contradicts && !empty
          ? 'passed'
          : 'failed'
  const untested =
    empty || (status === 'failed' && command.kind === 'test' && cases.length === 0 && WITHOUT_TESTS.test(output))
  const error = untested
    ? NO_TEST_RAN
    : errorOf(status, contradicts, { program, seconds: run.timeoutMs / 1000, output, cases })
  const result: CheckResult = {
    kind: command.kind,
    argv: [...command.argv],
    status,
    ...(exitCode !== undefined && { exitCode }),
    durationMs: performance.now() - started,
    ...(command.kind === 'test' && counts !== undefined && { counts }),
    ...(cases.length > 0 && { cases: notable(cases) }),
    ...(error !== undefined && { firstError: redact(blackout(error)).slice(0, 500) }),
    outputTail: output.slice(-TAIL),
    outputBytes: bytes,
    outputDigest: digest.digest('hex'),
  }
  return { result, cases }
}

function errorOf(
  status: CheckResult['status'],
  contradicts: boolean,
  result: {
    readonly program: string
    readonly seconds: number
    readonly output: string
    readonly cases: readonly TestCase[]
  },
): string | undefined {
  if (status === 'passed') return undefined
  if (status === 'not_started') return `${result.program} could not be started; is it installed?`
  if (status === 'timed_out') return `ended after ${result.seconds} s`
  const red = result.cases.find((entry) => entry.status === 'failed')
  const problem =
    red === undefined ? firstError(result.output) : `${red.id}: ${red.message?.trim().split('\n', 1)[0] ?? 'failed'}`
  return contradicts ? `It ended with exit code 0 although tests are red: ${problem ?? ''}` : problem
}

function countsOf(cases: readonly TestCase[]): TestCounts {
  const of = (status: TestCase['status']) => cases.filter((entry) => entry.status === status).length
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') }
}

/** The same test has the same id in every worktree. */
function belowFolder(entry: TestCase, folder: string): TestCase {
  const id = entry.id.replaceAll(`${folder}${sep}`, '')
  return entry.file === undefined ? { ...entry, id } : { ...entry, id, file: entry.file.replace(`${folder}${sep}`, '') }
}

const MAX_CASES = 500

/** What is worth keeping of a report: tests that were red or did not run. */
function notable(cases: readonly TestCase[]): TestCase[] {
  const result = (status: TestCase['status']) => cases.filter((entry) => entry.status === status)
  return [...result('failed'), ...result('skipped')].slice(0, MAX_CASES)
}

/** The last part of a stream of bytes; whole chunks are let go from the front, so that endless output costs little. */
function createTail(maxBytes: number): { add(chunk: Buffer): void; text(): string } {
  const chunks: Buffer[] = []
  let size = 0
  return {
    add(chunk) {
      chunks.push(chunk)
      size += chunk.length
      while (chunks.length > 1 && size - (chunks[0]?.length ?? 0) >= maxBytes) size -= chunks.shift()?.length ?? 0
    },
    text: () => Buffer.concat(chunks).subarray(-maxBytes).toString('utf8'),
  }
}
