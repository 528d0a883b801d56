import { REDACTED } from './token-rules.ts'

/** Also PGP's, PuTTY's follow below; `\n` may be a line end or two characters. */
const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const END = '-----END '
/** Characters of the longest key that is printed; beyond, whatever ends is something else. */
const LONGEST = 20_000
/** What of a key stands there where its end is missing: rows of base64. */
const ROWS = /(?:(?:\s|\\+[nrt]){0,20}[A-Za-z0-9+/=]{24,}){0,400}(?:(?:\s|\\+[nrt]){0,4}[A-Za-z0-9+/]{1,80}={1,2})?/y
/** PuTTY counts the lines of its private part. */
const PUTTY = /(?<=Private-Lines: \d{1,4}\s{1,2})(?:[A-Za-z0-9+/=]{20,}\s{0,2}){1,200}/g

/** Private keys in PEM, in lines or in one with `\n`, whole or cut off. Certificates and public keys stay. */
export function withoutPrivateKeys(text: string): string {
  if (!text.includes('PRIVATE KEY') && !text.includes('Private-Lines')) return text
  let cleaned = ''
  let from = 0
  for (const { 0: header, index } of text.matchAll(BEGIN)) {
    const body = index + header.length
    if (index < from) continue
    const end = endOf(text, body)
    if (end > body) {
      cleaned += text.slice(from, body) + REDACTED
      from = end
    }
  }
  return (cleaned + text.slice(from)).replace(PUTTY, REDACTED)
}

/** Lines of a stream that hold no row of a key, after which one that was begun counts as over. */
const LINES_WITHOUT = 20

/** For lines that come one by one: what follows the first line of a private key, up to its last, in whatever each is wrapped. */
export function createKeyFilter(): (line: string) => string {
  let without = LINES_WITHOUT
  return (line) => {
    const begin = line.lastIndexOf('PRIVATE KEY')
    const end = line.lastIndexOf(END)
    const begins =
      begin > end && /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/.test(line.slice(Math.max(0, begin - 60), begin + 11))
    const inside = without < LINES_WITHOUT
    const cleaned = inside ? line.replace(/[A-Za-z0-9+/=]{16,}/g, REDACTED) : line
    if (begins) without = 0
    else if (end !== -1) without = LINES_WITHOUT
    else if (inside) without = cleaned === line ? without + 1 : 0
    return cleaned
  }
}

function endOf(text: string, body: number): number {
  const near = text.slice(body, body + LONGEST)
  const next = near.indexOf('-----BEGIN ')
  const end = (next === -1 ? near : near.slice(0, next)).indexOf(END)
  if (end !== -1) return body + end
  ROWS.lastIndex = body
  return body + (ROWS.exec(text)?.[0].length ?? 0)
}
