const SECRETS =
  /(speki_[A-Za-z0-9_-]{8,}|gh[pousr]_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{16,}|AKIA[A-Z0-9]{16}|(?<=:\/\/[^\s:/@]{0,200}:)[^\s@/]{1,200}(?=@)|(?<=\bBearer )[A-Za-z0-9._~+/=-]{8,})/g

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
