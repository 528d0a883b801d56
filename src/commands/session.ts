import type { Principal } from '../../schemas/actor.ts'
import type { Config, Flags } from '../config.ts'
import type { Operation } from '../operations/operation.ts'
import type { Runtime } from '../operations/runtime.ts'
import type { Screen } from './output/screen.ts'

/** What a command has at hand. */
export interface Session {
  readonly config: Config
  readonly flags: Flags
  readonly runtime: Runtime
  readonly caller: Principal
  readonly signal: AbortSignal
  /** Where answers are written. */
  readonly screen: Screen
  /** Whether programs read the answer: --json. */
  readonly json: boolean
  /** Prints one answer: JSON with --json, else for people. */
  readonly answer: (value: Readonly<Record<string, unknown>>) => void
  readonly print: (text: string) => void
}

/** Runs `action` with a session, and closes what it opened. */
export type WithSession = (action: (session: Session) => Promise<void>) => Promise<void>

/** Calls an operation as the person at this machine. */
export type CallOperation = (
  session: Session,
  operation: Operation,
  args: Record<string, unknown>,
) => Promise<Record<string, unknown>>
