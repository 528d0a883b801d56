import type { AgentEvent, AgentOutcome, AgentUsage } from '../../schemas/agent.ts'
import type { Sandbox } from '../process/sandbox.ts'

/** What is known of an agent's program before a job is given to it. */
export interface AgentProbe {
  /** Undefined where the program is not there or does not say. */
  readonly version: string | undefined
  /** What this version can do that others cannot. */
  readonly features: ReadonlySet<AgentFeature>
  /** Why it cannot be used, and what mends that; undefined where it can. */
  readonly problem: string | undefined
}

export type AgentFeature = 'resume' | 'answer_schema' | 'turn_limit' | 'cost_limit' | 'mcp' | 'hooks'

/** One piece of work for an agent: a new session, or the next message of one that was. */
export interface AgentJob {
  readonly prompt: string
  /** Working folder: the worktree, an absolute real path. */
  readonly folder: string
  /** Session id chosen before the start, a UUID; agents that choose their own report theirs with the event `session`. */
  readonly session: string
  /** The session to go on with, as an earlier end named it. */
  readonly resume: string | undefined
  readonly model: string | undefined
  /** JSON Schema of the last answer; undefined where any text will do. */
  readonly answerSchema: Readonly<Record<string, unknown>> | undefined
  readonly servers: readonly AgentServer[]
  /** Paths below the folder that must not be changed, as globs; enforced here where the client can, by the caller's diff always. */
  readonly protectedPaths: readonly string[]
  readonly limits: AgentLimits
  /** Mark that every descendant inherits in its environment. */
  readonly marker: string
  /** Added to the small environment of child processes: what the agent's own account needs. */
  readonly environment: Readonly<Record<string, string>>
  /** What its program may touch of this machine; undefined: whatever its user may. */
  readonly sandbox?: Sandbox | undefined
  /** Folder of this job alone, outside the worktree: configuration, raw stream. It exists. */
  readonly scratch: string
}

/** An MCP server the agent gets, over stdio. */
export interface AgentServer {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** All enforced by us, whether or not the agent has such a limit itself. */
export interface AgentLimits {
  readonly turns: number | undefined
  readonly costUsd: number | undefined
  readonly wallMs: number
  /** Without any event for so long, the session counts as stalled. */
  readonly stallMs: number
}

export interface AgentEnd {
  readonly outcome: AgentOutcome
  /** Why, in one sentence with what the agent's program printed; empty for `ended`. */
  readonly detail: string
  /** Set for `api_error`. */
  readonly status: number | undefined
  /** To resume it; undefined where nothing can be resumed. */
  readonly session: string | undefined
  /** The last thing the model said. */
  readonly lastMessage: string
  /** The last answer, parsed, where a schema was given and it is an object. */
  readonly answer: Readonly<Record<string, unknown>> | undefined
  readonly usage: AgentUsage
  readonly denials: readonly string[]
  /** File with the raw stream, as the program wrote it. */
  readonly raw: string
}

/** One agent's command line. */
export interface Agent {
  readonly name: string
  /** What is known of the program without running it: whether it is there, its version where files tell it, what it can do as a rule. */
  look(): Promise<AgentProbe>
  /** Runs the program to ask for its version and what it can do, once a run is meant; never throws for a missing or strange one. */
  probe(signal: AbortSignal): Promise<AgentProbe>
  /**
   * Runs the job to its end. `onEvent` is called in order. Never rejects for what the agent or its program does; when
   * it resolves, no process that carries the marker is alive. An aborted `signal` ends it with `cancelled`.
   */
  run(job: AgentJob, onEvent: (event: AgentEvent) => void, signal: AbortSignal): Promise<AgentEnd>
}
