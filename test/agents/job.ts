import { randomUUID } from 'node:crypto'
import type { AgentJob } from '../../src/agents/agent.ts'

export const LIMITS = { turns: undefined, costUsd: undefined, wallMs: 600_000, stallMs: 600_000 }

/** A job with nothing special in it: the first message of a session in a folder. */
export function jobIn(folder: string, scratch: string, more: Partial<AgentJob> = {}): AgentJob {
  return {
    prompt: 'The task.',
    folder,
    session: randomUUID(),
    resume: undefined,
    model: undefined,
    answerSchema: undefined,
    servers: [],
    protectedPaths: [],
    limits: LIMITS,
    marker: randomUUID(),
    environment: {},
    scratch,
    ...more,
  }
}
