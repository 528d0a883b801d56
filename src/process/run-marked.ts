import { constants, tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { execa } from 'execa'
import { childEnvironment } from '../config.ts'
import { onCode } from '../expected.ts'
import { removeOfAnyAge } from '../files/remove.ts'
import { logFailure } from '../log.ts'
import { createLineKeeper, createLineSplitter } from './line-splitter.ts'
import { endMarked, findMarked, rememberMarked } from './marked.ts'
import { MARKER, nestMark } from './process-list.ts'
import { type Inside, putInside, type Sandbox } from './sandbox.ts'

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
  /** What it may touch of this machine; undefined: whatever its user may. */
  readonly sandbox?: Sandbox | undefined
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
  /** Undefined where a signal ended it; out of a sandbox a signal comes as a number above 128. */
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
  const inside = command.sandbox === undefined ? undefined : putInside(command.sandbox, command)
  const child = spawn(command, inside)
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
    end: follow(child, inside, command, onLine, signal),
  }
}

function spawn(command: MarkedCommand, inside: Inside | undefined) {
  const inherited = childEnvironment()
  const { file, args } = inside ?? command
  const mark = { [MARKER]: nestMark(inherited[MARKER], command.mark) }
  return execa(file, args, {
    cwd: command.folder,
    env: { ...inherited, ...command.environment, ...inside?.environment, ...mark },
    extendEnv: false,
    buffer: false,
    reject: false,
    stdio: ['pipe', 'pipe', 'pipe', inside?.tellsStart === true ? 'pipe' : 'ignore'],
    detached: process.platform !== 'win32',
    windowsHide: true,
    // The end is ours to make, by mark.
    cleanup: false,
  })
}

type Child = ReturnType<typeof spawn>

async function follow(
  child: Child,
  inside: Inside | undefined,
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
  const began = inside?.tellsStart === true ? beganInside(nodeChildProcess.stdio[3]) : undefined
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
    const exitCode = nodeChildProcess.exitCode ?? undefined
    if (child.pid === undefined || (reason === 'exited' && exitCode !== undefined && (await began) === false)) {
      const said = stderr.toString('utf8') || result?.originalMessage
      return {
        reason: 'not_started',
        exitCode: undefined,
        signal: undefined,
        stderr: said ?? 'It could not be started.',
        ended,
      }
    }
    const signalled = inside === undefined ? undefined : signalOf(exitCode)
    return {
      reason,
      exitCode,
      signal: nodeChildProcess.signalCode ?? signalled,
      stderr: stderr.toString('utf8'),
      ended,
    }
  } finally {
    if (inside !== undefined)
      await removeOfAnyAge(inside.scratch, tmpdir()).catch(logFailure('sandbox.scratch', { folder: inside.scratch }))
    clearTimeout(wall)
    clearTimeout(stall)
    clearInterval(look)
    signal.removeEventListener('abort', abort)
  }
}

/** Whether bubblewrap came so far that the program itself ended: it tells so last, and nothing of one that could not be started. */
async function beganInside(stream: unknown): Promise<boolean> {
  return stream instanceof Readable && (await text(stream).catch(onCode(['ECONNRESET'], ''))).includes('"exit-code"')
}

function signalOf(exitCode: number | undefined): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number + 128 === exitCode)?.[0]
}

/** Gives up on output that somebody without the mark holds open. */
async function drained(child: Child): Promise<undefined> {
  await new Promise((done) => setTimeout(done, DRAIN_MS).unref())
  child.stdout.destroy()
  child.stderr.destroy()
}
