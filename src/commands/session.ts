import type { Principal } from '../../schemas/actor.ts'
import type { Config } from '../config.ts'
import type { Runtime } from '../operations/runtime.ts'

/** What a command has at hand. */
export interface Session {
  readonly config: Config
  readonly runtime: Runtime
  readonly caller: Principal
  readonly signal: AbortSignal
  /** Prints one answer: JSON with --json, else for people. */
  readonly answer: (value: Readonly<Record<string, unknown>>) => void
  readonly print: (text: string) => void
}

/** Runs `action` with a session, and closes what it opened. */
export type WithSession = (action: (session: Session) => Promise<void>) => Promise<void>
