/** Words that begin or end like a token (`desk-…`, `mcp__speki__…`) are none. */
const SECRETS =
  /((?<![A-Za-z0-9_])(?:speki_[A-Za-z0-9_-]{8,}|sk-[A-Za-z0-9_-]{16,})|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|npm_[A-Za-z0-9]{30,}|glpat-[\w-]{16,}|xox[abpr]-[\w-]{10,}|AKIA[A-Z0-9]{16}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}|(?<=\bBasic )[A-Za-z0-9+/=]{8,}|(?<=\b(?:password|passwd|secret|secret_access_key|api_?key|token)["']?[=:]\s?["']?)[^\s"'&;,]{6,}|(?<=:\/\/[^\s:/@]{0,200}:)[^\s@/]{1,200}(?=@)|(?<=\bBearer )[A-Za-z0-9._~+/=-]{8,})/gi

/** Replaces what looks like a token or a password. */
export function redact(text: string): string {
  return text.replace(SECRETS, '[redacted]')
}

/** One JSON object a line on stderr: stdout belongs to the protocol. Event names are fixed, values go into fields. */
export function log(
  level: 'info' | 'warn' | 'error',
  event: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  const line = JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })
  process.stderr.write(`${redact(line)}\n`)
}
