import { join } from 'node:path'
import type { AgentEvent, AgentOutcome, AgentUsage } from '../../schemas/agent.ts'
import { type MarkedEnd, startMarked } from '../process/run-marked.ts'
import type { Sandbox } from '../process/sandbox.ts'
import type { AgentEnd, AgentJob, AgentLimits } from './agent.ts'
import { createCleaner, inOrder, openEvidence } from './evidence.ts'
import { type Json, parseObject } from './json-line.ts'
import { createRecord, type SessionRecord } from './record.ts'

/** How a client is started and understood: all that differs between drivers. */
export interface SessionDriver {
  readonly file: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** What the client reads on stdin; undefined where it is a conversation, held with `write`. */
  readonly input: string | undefined
  /** Called once, before anything is read, where the driver talks to the client or looks at files beside its stream. */
  begin?(talk: Talk): void
  /** What one object of the stream means. */
  read(object: Json): readonly AgentEvent[]
  /** What a line that is no object means; undefined: it is unreadable. */
  readText?(line: string): readonly AgentEvent[]
  /** What an exit code means where the stream has no last word; `printed` is the end of stderr. */
  exited?(code: number, printed: string): Verdict
  /** Called when it is to be ended; `true` gives it a moment to put its session away. */
  interrupt?(): boolean
  /** How long the client may take to go after its last word, where that is not ten seconds. */
  readonly goodbyeMs?: number
  /** What the stream said about its end, in the order of what weighs more; undefined where it broke off. */
  verdict(record: SessionRecord): Verdict | undefined
  /** Called when no process is left: last words that stand elsewhere than in the stream. */
  finish?(): Promise<readonly AgentEvent[]>
}

export interface Talk {
  write(text: string): void
  closeInput(): void
  emit(event: AgentEvent): void
  /** Aborted when the program has ended. */
  readonly over: AbortSignal
}

export interface Verdict {
  readonly outcome: AgentOutcome
  readonly detail: string
  readonly status?: number | undefined
  readonly answer?: Json | undefined
}

/** Bytes of one line that are read, and of a whole stream before the client counts as gone mad. */
const LINE_BYTES = 16 * 1024 * 1024
const STREAM_BYTES = 512 * 1024 * 1024
/** How long a client may take to go after its last word. */
const GOODBYE_MS = 10_000
/** How long a client that is told of its end has until then. */
const GRACE_MS = 2000

/** Runs a job through a driver. Never rejects for what the client does; see `Agent.run`. */
export async function runSession(
  job: AgentJob,
  driver: SessionDriver,
  onEvent: (event: AgentEvent) => void,
  signal: AbortSignal,
): Promise<AgentEnd> {
  const raw = join(job.scratch, 'stream.jsonl')
  const clean = createCleaner(job.environment)
  const evidence = openEvidence(raw, clean)
  const stop = new AbortController()
  const over = new AbortController()
  let stopped: Verdict | undefined
  let goodbye: NodeJS.Timeout | undefined
  const record = createRecord(inOrder(clean), (event) => {
    if (event.type === 'usage') {
      stopped ??= overLimit(record.usage(), job.limits)
      if (stopped !== undefined) stop.abort()
    }
    onEvent(event)
  })
  const take = (line: string, cut: boolean) => {
    evidence.add(line)
    const object = cut ? undefined : parseObject(line)
    const events =
      object === undefined
        ? (driver.readText?.(line) ?? [{ type: 'other' as const, kind: 'unreadable line' }])
        : driver.read(object)
    for (const event of events) record.add(event)
    waitForEnd()
  }
  const waitForEnd = () => {
    clearTimeout(goodbye)
    if (driver.verdict(record) !== undefined) goodbye = setTimeout(() => stop.abort(), driver.goodbyeMs ?? GOODBYE_MS)
  }
  const emit = (event: AgentEvent) => {
    record.add(event)
    waitForEnd()
  }
  const { file, args, environment, input, interrupt } = driver
  const run = startMarked(
    {
      file,
      args,
      folder: job.folder,
      environment: { ...environment, ...job.environment },
      mark: job.marker,
      limits: {
        wallMs: job.limits.wallMs,
        stallMs: job.limits.stallMs,
        lineBytes: LINE_BYTES,
        totalBytes: STREAM_BYTES,
      },
      input,
      sandbox: insideOf(job, raw),
      ...(interrupt !== undefined && { lastCall: { ms: GRACE_MS, tell: interrupt } }),
    },
    take,
    AbortSignal.any([signal, stop.signal]),
  )
  driver.begin?.({ write: run.write, closeInput: run.closeInput, emit, over: over.signal })
  try {
    const end = await run.end
    over.abort()
    for (const event of (await driver.finish?.()) ?? []) record.add(event)
    const verdict = stopped ?? conclude(end, driver, record, signal)
    return {
      outcome: verdict.outcome,
      detail: clean(verdict.detail),
      status: verdict.status,
      session: record.session(),
      lastMessage: record.lastMessage(),
      answer: verdict.answer,
      usage: record.usage(),
      denials: record.denials(),
      raw,
    }
  } finally {
    over.abort()
    clearTimeout(goodbye)
    await evidence.close()
  }
}

/** Its own folder is the program's to write, but for what is kept of it there. */
function insideOf({ sandbox, scratch }: AgentJob, raw: string): Sandbox | undefined {
  if (sandbox === undefined) return undefined
  return { ...sandbox, readable: [...sandbox.readable, raw], writable: [...sandbox.writable, scratch] }
}

/** What happened, first by what we did to it, then by what its stream said, last by how the program went. */
function conclude(end: MarkedEnd, driver: SessionDriver, record: SessionRecord, signal: AbortSignal): Verdict {
  if (end.reason === 'not_started') return { outcome: 'not_started', detail: end.stderr }
  if (end.reason === 'cancelled' && signal.aborted) return { outcome: 'cancelled', detail: 'Cancelled from outside.' }
  // A client that had its last word and then did not go was still at its end.
  const verdict = driver.verdict(record)
  if (verdict !== undefined) return verdict
  const printed = lastLines(end.stderr)
  if (end.reason === 'timeout') return { outcome: 'timeout', detail: `Ended at the time limit. ${printed}`.trim() }
  if (end.reason === 'stalled') return { outcome: 'stalled', detail: `Nothing was heard of it. ${printed}`.trim() }
  if (end.reason === 'flooded') return { outcome: 'crashed', detail: 'It printed more than a session can hold.' }
  if (driver.exited !== undefined && end.exitCode !== undefined) return driver.exited(end.exitCode, printed)
  const how = end.signal === undefined ? `with exit code ${end.exitCode}` : `by ${end.signal}`
  // A client that goes before its first word did not understand how it was called.
  const outcome = record.session() === undefined && end.signal === undefined ? 'not_started' : 'crashed'
  return { outcome, detail: `The program ended ${how}, without a word about its end. ${printed}`.trim() }
}

function overLimit(usage: AgentUsage, limits: AgentLimits): Verdict | undefined {
  if (limits.turns !== undefined && (usage.turns ?? 0) > limits.turns)
    return { outcome: 'turn_limit', detail: `It took more than ${limits.turns} turns.` }
  if (limits.costUsd !== undefined && (usage.costUsd ?? 0) > limits.costUsd)
    return { outcome: 'budget', detail: `It spent ${usage.costUsd} of ${limits.costUsd} USD.` }
  return undefined
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join('\n')
}
