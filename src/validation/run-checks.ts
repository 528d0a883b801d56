import { createHash } from 'node:crypto'
import { execa } from 'execa'
import type { CheckResult } from '../../schemas/evidence.ts'
import { type CheckCommand, CheckKind } from '../../schemas/repository.ts'
import { childEnvironment } from '../config.ts'
import { redact } from '../log.ts'
import { containedFolder } from './contained-folder.ts'
import { endProcessTree } from './process-tree.ts'
import { firstError, testCounts } from './report.ts'

/** Limits of one check: ten minutes, and ten megabytes of output kept for reading reports. */
export const DEFAULT_LIMITS = { timeoutMs: 10 * 60_000, maxOutputBytes: 10 * 1024 * 1024 }

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
  /** Milliseconds a check may take. */
  readonly timeoutMs: number
  /** Bytes of output kept in memory; all of it counts for the digest. */
  readonly maxOutputBytes: number
}

/** Runs every command, cheap kinds first, without a shell and with a small environment. A red one does not stop the rest. */
export async function runChecks(
  run: CheckRun,
  onResult: (result: CheckResult) => void,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const folder = await containedFolder(run.worktree, run.subpath)
  const ordered = [...run.commands].sort(
    (a, b) => CheckKind.options.indexOf(a.kind) - CheckKind.options.indexOf(b.kind),
  )
  const results: CheckResult[] = []
  for (const command of ordered) {
    signal.throwIfAborted()
    const result = await runCheck(command, run, folder, signal)
    results.push(result)
    onResult(result)
  }
  signal.throwIfAborted()
  return results
}

async function runCheck(
  command: CheckCommand,
  run: CheckRun,
  folder: string,
  signal: AbortSignal,
): Promise<CheckResult> {
  const [program = '', ...args] = command.argv
  const digest = createHash('sha256')
  const started = performance.now()
  let bytes = 0
  const kept = createTail(run.maxOutputBytes)
  const child = execa(program, args, {
    cwd: folder,
    env: { ...childEnvironment(), ...run.environment, CI: '1', NO_COLOR: '1' },
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    // Its own group: what it started ends with it.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  child.all.on('data', (chunk: Buffer) => {
    digest.update(chunk)
    bytes += chunk.length
    kept.add(chunk)
  })
  let timedOut = false
  const end = () => endProcessTree(child.pid)
  // What it left behind may hold its output open; without this the check would wait for that until the limit.
  child.nodeChildProcess.once('exit', end)
  const timer = setTimeout(() => {
    timedOut = true
    end()
  }, run.timeoutMs)
  signal.addEventListener('abort', end, { once: true })
  const outcome = await child.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  })
  // A check that ends leaves nothing running that could still write to the tree.
  end()
  const output = redact(kept.text())
  const missing = outcome.failed && outcome.exitCode === undefined && outcome.signal === undefined
  const status = timedOut ? 'timed_out' : missing ? 'not_started' : outcome.exitCode === 0 ? 'passed' : 'failed'
  const counts = testCounts(output)
  const error =
    status === 'passed'
      ? undefined
      : missing
        ? `${program} could not be started; is it installed?`
        : timedOut
          ? `ended after ${run.timeoutMs / 1000} s`
          : firstError(output)
  return {
    kind: command.kind,
    argv: [...command.argv],
    status,
    ...(outcome.exitCode !== undefined && { exitCode: outcome.exitCode }),
    durationMs: performance.now() - started,
    ...(command.kind === 'test' && counts !== undefined && { counts }),
    ...(error !== undefined && { firstError: error.slice(0, 500) }),
    outputTail: output.slice(-TAIL),
    outputBytes: bytes,
    outputDigest: digest.digest('hex'),
  }
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
