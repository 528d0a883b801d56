import { currentRequest } from './request.ts'

/** Words that begin or end like a token (`desk-…`, `mcp__speki__…`) are none. */
const SECRETS =
  /((?<![A-Za-z0-9_])(?:speki_[A-Za-z0-9_-]{8,}|sk-[A-Za-z0-9_-]{16,})|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|npm_[A-Za-z0-9]{30,}|glpat-[\w-]{16,}|xox[abpr]-[\w-]{10,}|AKIA[A-Z0-9]{16}|(?<=\bBasic )[A-Za-z0-9+/=]{8,}|(?<=\b(?:password|passwd|secret|secret_access_key|api_?key|token)["']?[=:]\s?["']?)[^\s"'&;,]{6,}|(?<=:\/\/[^\s:/@]{0,200}:)[^\s@/]{1,200}(?=@)|(?<=\bBearer )[A-Za-z0-9._~+/=-]{8,})/gi

/** Words joined by dots; looked through as a whole, since a token can begin at each `eyJ` of a long one. */
const DOTTED = /(?<![\w-])[\w-]+(?:\.[\w-]+){2,}/g

/** Replaces what looks like a token or a password. */
export function redact(text: string): string {
  return text.replace(DOTTED, withoutWebToken).replace(SECRETS, '[redacted]')
}

/** A JSON web token: `eyJ` and at least ten more signs, as many in its second part, five in its third. */
function withoutWebToken(words: string): string {
  const parts = words.split('.')
  const kept: string[] = []
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] ?? ''
    const start = part.search(/eyJ[\w-]{10}/i)
    const isToken = start !== -1 && (parts[at + 1]?.length ?? 0) >= 10 && (parts[at + 2]?.length ?? 0) >= 5
    kept.push(isToken ? `${part.slice(0, start)}[redacted]` : part)
    if (isToken) at += 2
  }
  return kept.join('.')
}

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
  process.stderr.write(`${redact(line)}\n`)
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
