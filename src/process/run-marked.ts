import { execa } from 'execa'
import { childEnvironment } from '../config.ts'
import { onCode } from '../expected.ts'
import { logFailure } from '../log.ts'
import { createLineKeeper, createLineSplitter } from './line-splitter.ts'
import { endMarked, findMarked, rememberMarked } from './marked.ts'
import { MARKER, nestMark } from './process-list.ts'

/** A program to run inside a job. */
export interface MarkedCommand {
  readonly file: string
  readonly args: readonly string[]
  /** Working folder, absolute. */
  readonly folder: string
  /** Added to the small environment of child processes. */
  readonly environment: Readonly<Record<string, string>>
  /** Mark of the job; a word of letters, digits and dashes. Only one command of a mark runs at a time. */
  readonly mark: string
  readonly limits: MarkedLimits
  /** What the program reads, then its input is closed; undefined where `write` gives it. */
  readonly input: string | undefined
  /** Gets everything it prints, stdout and stderr, in the order of arrival, a line whole where it is no longer than 64 KB. */
  readonly onOutput?: (chunk: Buffer) => void
  /** Told before it is ended by us, so long before; it says whether that is worth the wait. */
  readonly lastCall?: { readonly ms: number; readonly tell: () => boolean }
}

export interface MarkedLimits {
  readonly wallMs: number
  /** Without any output for so long, it counts as stalled. */
  readonly stallMs: number
  /** Bytes of one line that are kept; the rest of the line is dropped. */
  readonly lineBytes: number
  /** Bytes it may print in all before it is ended. */
  readonly totalBytes: number
}

/** How it ended: by itself, never started, or by us for one of the limits. */
export type MarkedReason = 'exited' | 'not_started' | 'timeout' | 'stalled' | 'flooded' | 'cancelled'

export interface MarkedEnd {
  readonly reason: MarkedReason
  /** Undefined where a signal ended it. */
  readonly exitCode: number | undefined
  /** Name of the signal that ended it. */
  readonly signal: string | undefined
  /** The end of what it printed to stderr, or why it did not start. */
  readonly stderr: string
  /** Processes that were still alive when the program itself had ended or was told to. */
  readonly ended: number
}

/** A program that runs. */
export interface MarkedRun {
  /** Gives it more to read. What it does not read any more is dropped. */
  write(text: string): void
  closeInput(): void
  /** Resolves when nothing that carries the mark is alive. Rejects only as `endMarked` does. */
  readonly end: Promise<MarkedEnd>
}

/** How often descendants are looked at, so that one which hides later was seen before. */
const LOOK_MS = 1000
/** Bytes of stderr that are kept. */
const STDERR_BYTES = 16 * 1024
/** How long output may take to arrive after the last process that could write it is gone. */
const DRAIN_MS = 2000

/** Runs a program to its end: `startMarked` without a conversation. */
export async function runMarked(
  command: MarkedCommand,
  onLine: (line: string, cut: boolean) => void,
  signal: AbortSignal,
): Promise<MarkedEnd> {
  return await startMarked(command, onLine, signal).end
}

/**
 * Starts a program in a process group of its own. `onLine` gets each line of its stdout, `cut` where the line was longer
 * than the limit. An aborted `signal` ends it and everything it started.
 */
export function startMarked(
  command: MarkedCommand,
  onLine: (line: string, cut: boolean) => void,
  signal: AbortSignal,
): MarkedRun {
  const child = spawn(command)
  const stdin = child.stdin
  // It may end before it has read everything.
  stdin.on('error', onCode(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'EOF'], undefined))
  if (command.input !== undefined) stdin.end(command.input)
  return {
    write: (text) => {
      if (stdin.writable) stdin.write(text)
    },
    closeInput: () => {
      stdin.end()
    },
    end: follow(child, command, onLine, signal),
  }
}

function spawn(command: MarkedCommand) {
  const inherited = childEnvironment()
  return execa(command.file, command.args, {
    cwd: command.folder,
    env: { ...inherited, ...command.environment, [MARKER]: nestMark(inherited[MARKER], command.mark) },
    extendEnv: false,
    buffer: false,
    reject: false,
    stdin: 'pipe',
    detached: process.platform !== 'win32',
    windowsHide: true,
    // The end is ours to make, by mark.
    cleanup: false,
  })
}

type Child = ReturnType<typeof spawn>

async function follow(
  child: Child,
  { mark, limits, onOutput, lastCall }: MarkedCommand,
  onLine: (line: string, cut: boolean) => void,
  signal: AbortSignal,
): Promise<MarkedEnd> {
  let reason: MarkedReason = 'exited'
  let bytes = 0
  let stderr = Buffer.alloc(0)
  const over = Promise.withResolvers<void>()
  const stop = (why: MarkedReason) => {
    if (reason !== 'exited') return
    reason = why
    if (lastCall?.tell() !== true) return over.resolve()
    setTimeout(over.resolve, lastCall.ms).unref()
  }
  const wall = setTimeout(() => stop('timeout'), limits.wallMs)
  const stall = setTimeout(() => stop('stalled'), limits.stallMs)
  const look = setInterval(() => {
    void findMarked(mark).catch(logFailure('processes.look', { mark }))
  }, LOOK_MS)
  const abort = () => stop('cancelled')
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })

  const lines = createLineSplitter(limits.lineBytes, onLine)
  const [out, err] = [createLineKeeper((text) => onOutput?.(text)), createLineKeeper((text) => onOutput?.(text))]
  const count = (chunk: Buffer) => {
    stall.refresh()
    bytes += chunk.length
    if (bytes > limits.totalBytes) stop('flooded')
  }
  child.stdout.on('data', (chunk: Buffer) => {
    count(chunk)
    out.add(chunk)
    if (reason !== 'flooded') lines.add(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    count(chunk)
    err.add(chunk)
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_BYTES)
  })
  const { nodeChildProcess } = child
  nodeChildProcess.once('exit', () => over.resolve())
  // Where it cannot start, nothing exits.
  void child.then(() => over.resolve())
  try {
    if (child.pid !== undefined) await rememberMarked(mark, child.pid)
    await over.promise
    const ended = child.pid === undefined ? 0 : await endMarked(mark)
    const result = await Promise.race([child, drained(child)])
    lines.end()
    out.end()
    err.end()
    const failed = child.pid === undefined
    return {
      reason: failed ? 'not_started' : reason,
      exitCode: failed ? undefined : (nodeChildProcess.exitCode ?? undefined),
      signal: nodeChildProcess.signalCode ?? undefined,
      stderr: failed ? (result?.originalMessage ?? 'It could not be started.') : stderr.toString('utf8'),
      ended,
    }
  } finally {
    clearTimeout(wall)
    clearTimeout(stall)
    clearInterval(look)
    signal.removeEventListener('abort', abort)
  }
}

/** Gives up on output that somebody without the mark holds open. */
async function drained(child: Child): Promise<undefined> {
  await new Promise((done) => setTimeout(done, DRAIN_MS).unref())
  child.stdout.destroy()
  child.stderr.destroy()
}
