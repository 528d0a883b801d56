import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Principal } from '../../../schemas/actor.ts'
import type { AgentUsage } from '../../../schemas/agent.ts'
import type { RunOptions } from '../../../schemas/run.ts'
import type { Agent, AgentEnd } from '../../agents/agent.ts'
import { openBridge } from '../../agents/server-bridge.ts'
import { ifAborted } from '../../expected.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import type { ExecutionContext } from '../context.ts'
import { keepForOwner } from '../owner-only.ts'
import { sandboxFor } from '../sandbox.ts'
import { createLoopWatch } from './loop-watch.ts'
import { AgentAnswer } from './prompt.ts'

/** One message to an agent: the first of a session, or the next. */
export interface Message {
  readonly text: string
  /** Session to go on with; undefined begins one. */
  readonly resume: string | undefined
  readonly repository: Pick<RepositoryRecord, 'name'>
  readonly worktree: string
  readonly evidence: string
  readonly protectedPaths: readonly string[]
  readonly mark: string
  readonly environment: Readonly<Record<string, string>>
  /** What the run may still spend. */
  readonly costUsd: number | undefined
}

export interface SessionEnd {
  readonly end: AgentEnd
  readonly loop: boolean
}

/** Without the name of its dialect, which Claude Code does not know. */
const { $schema: _, ...ANSWER_SCHEMA } = z.toJSONSchema(AgentAnswer, { io: 'input' })

/** How long to wait before an agent that could not be reached is tried again. */
const BACKOFF_MS = [1000, 5000, 20_000]
/** Silence after which a session counts as stalled: a long test suite is silent too. */
const STALL_MS = 10 * 60_000

/** Gives an agent a message and follows it to its end. What is not the work's fault is tried again, with patience. */
export async function runSession(
  context: ExecutionContext,
  caller: Principal,
  agent: Agent,
  options: RunOptions,
  message: Message,
  signal: AbortSignal,
): Promise<SessionEnd> {
  for (let round = 0; ; round += 1) {
    const result = await runOnce(context, caller, agent, options, message, signal)
    const wait = BACKOFF_MS[round]
    const { outcome, status } = result.end
    // Refused credentials and a missing program stay so, however long one waits.
    const passing = outcome === 'api_error' && status !== 401 && status !== 403 && status !== 404
    if (!passing || wait === undefined) return result
    await pause(wait, undefined, { signal }).catch(ifAborted)
    if (signal.aborted) return result
  }
}

async function runOnce(
  context: ExecutionContext,
  caller: Principal,
  agent: Agent,
  options: RunOptions,
  message: Message,
  signal: AbortSignal,
): Promise<SessionEnd> {
  const session = randomUUID()
  const scratch = join(message.evidence, session)
  await mkdir(scratch, { recursive: true, mode: 0o700 })
  const loop = createLoopWatch()
  const stop = new AbortController()
  const { budget } = options
  const wallMs = budget.minutes * 60_000
  const variables = context.variables(options.variables)
  const { repository, worktree } = message
  const inmate = { role: 'agent' as const, options, variables }
  const place = { repository, worktree, beside: dirname(worktree) }
  const sandbox = await sandboxFor(context, caller, inmate, place)
  await using bridge = sandbox && (await openBridge(context.server, message.mark))
  const end = await agent.run(
    {
      prompt: message.text,
      folder: message.worktree,
      session,
      resume: message.resume,
      model: options.model,
      answerSchema: ANSWER_SCHEMA,
      servers: [bridge?.server ?? context.server],
      protectedPaths: message.protectedPaths,
      limits: { turns: budget.turns, costUsd: message.costUsd, wallMs, stallMs: Math.min(STALL_MS, wallMs) },
      marker: message.mark,
      environment: { ...message.environment, ...variables },
      sandbox: bridge && sandbox && { ...sandbox, readable: [...sandbox.readable, bridge.folder] },
      scratch,
    },
    (event) => {
      if (loop.sees(event)) stop.abort()
    },
    AbortSignal.any([signal, stop.signal]),
  )
  // Clients write files of their own there.
  await keepForOwner(scratch)
  return { end, loop: stop.signal.aborted }
}

/** Adds what one message used. A client that tells the cost of a whole session tells that of earlier messages again. */
export function addUsage(sum: AgentUsage, end: AgentUsage, before: AgentUsage | undefined): AgentUsage {
  const added: AgentUsage = { ...sum }
  for (const name of ['turns', 'inputTokens', 'cachedTokens', 'outputTokens', 'costUsd'] as const) {
    const value = end[name]
    if (value === undefined) continue
    const known = name === 'costUsd' && before?.costUsd !== undefined && value >= before.costUsd ? before.costUsd : 0
    added[name] = (sum[name] ?? 0) + value - known
  }
  return added
}
