import { redact } from './redaction/redact.ts'
import { currentRequest } from './request.ts'
import { visible } from './visible.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export interface LogSettings {
  /** The least that is printed. */
  readonly level: LogLevel
  /** From how many milliseconds on what took so long is a warning. */
  readonly slowMs: number
  /** Id of the request of the process that started this one. */
  readonly startedBy: string | undefined
}

let settings: LogSettings = { level: 'info', slowMs: 1000, startedBy: undefined }

/** Set once by whoever starts the program. */
export function configureLog(to: LogSettings): void {
  settings = to
}

/** One JSON object a line on stderr: stdout belongs to the protocol. Event names are fixed, values go into fields. */
export function log(level: LogLevel, event: string, fields: Readonly<Record<string, unknown>> = {}): void {
  if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(settings.level)) return
  const line = JSON.stringify({
    time: new Date().toISOString(),
    level,
    event,
    request: currentRequest()?.id,
    started_by: settings.startedBy,
    ...fields,
  })
  process.stderr.write(`${redact(visible(line))}\n`)
}

/** Prints how long something took: as `<event>.slow` where that was long, else for `debug`. */
export function logDuration(event: string, ms: number, fields: Readonly<Record<string, unknown>> = {}): void {
  const slow = ms >= settings.slowMs
  log(slow ? 'warn' : 'debug', slow ? `${event}.slow` : event, {
    ms: Math.round(ms),
    operation: currentRequest()?.operation,
    actor: currentRequest()?.actor,
    ...fields,
  })
}

/** For `.catch` of what runs in the background, where nobody waits for the error. */
export function logFailure(event: string, fields: Readonly<Record<string, unknown>> = {}): (error: unknown) => void {
  return (error) => log('error', event, { ...fields, error: describe(error) })
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
