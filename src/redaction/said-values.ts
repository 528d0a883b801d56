import { isPlaceholder } from './secret-value.ts'
import { REDACTED } from './token-rules.ts'

/** Words that say what follows, up to three of them in a row, at the end of any name: `acmeSECRET`, `acme access token`. */
const SAID =
  /(?:secret|token|access|private|api|auth|key|cred(?:ential)?s?|passw(?:or)?d|code)(?:[ _.-]?(?:secret|token|access|private|api|auth|key|value|code)){0,3}(?:["'`]|\s\d(?=:))?[ \t]{0,4}(?:\r?\n)?(?:[:=>|.,-]|\bis\b){0,3}[ \t]{0,4}["'`(]{0,2}/gi
/** What opens something for sure; `key`, `access` and `code` alone name much else. */
const SURE = /secret|token|private|cred|passw|api[ _.-]?key|access[ _.-]?key|auth[ _.-]?(?:key|code)/i
/** Keys of content, of tables, of a claim of ours, and of what everybody may know. */
const OTHER_KEY =
  /(?:cache|public|primary|foreign|sort|lookup|hash|content|partition|dedup\w{0,10}|idempotency|object|row|index|host|registry|map|s3|file|image|commit|error|status|exit|zip|country|source|machine|byte|unicode|lease)[ _.-]{0,2}(?:key|code|access|id)?[ _.-]{0,2}$/i
const VALUE = /[A-Za-z0-9_+/=.~!-]{16,300}/y
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** `acme SECRET 3f…`: a value in no order that any word has, after words that say what it is, whatever stands between them. */
export function withoutSaidValues(text: string): string {
  let cleaned = ''
  let from = 0
  SAID.lastIndex = 0
  for (let found = SAID.exec(text); found !== null; found = SAID.exec(text)) {
    const at = found.index + found[0].length
    if (/[A-Za-z]$/.test(found[0]) && !/\bis$/i.test(found[0])) continue
    VALUE.lastIndex = at
    const value = VALUE.exec(text)?.[0].replace(/[.=-]+$/, '')
    if (value === undefined || text[at + value.length] === '(') continue
    const before = text.slice(Math.max(0, found.index - 24), found.index)
    // `{ key: 'x' }`, `x:Key="x"`, a page named API-…: nothing says whose key it is.
    const sure = SURE.test(found[0])
    if (!sure && !/[A-Za-z0-9][ _.-]?$/.test(before)) continue
    if (!sure && /\/[^\s]{0,23}$/.test(before)) continue
    if (!isSaid(value, sure, OTHER_KEY.test(before) || /\b(?:cache|public)/i.test(before))) continue
    cleaned += text.slice(from, at) + REDACTED
    from = at + value.length
    SAID.lastIndex = from
  }
  return cleaned + text.slice(from)
}

function isSaid(value: string, sure: boolean, other: boolean): boolean {
  if (other || isPlaceholder(value) || /^(?:https?:|sha\d{1,3}[-:]|\.{0,2}\/)|\.[a-z]{2,4}$/.test(value)) return false
  if (UUID.test(value)) return sure
  // The key of a cache ends with the digest of what it holds.
  if (!sure && /^[A-Za-z].{0,100}[-_.](?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value)) return false
  return value.split(/[^A-Za-z0-9]+/).some((run) => isMixed(run, sure)) || (sure && /^[A-Z]{24,}$/.test(value))
}

/** Changes between small letters, capitals and digits in a run, as no name has them. */
function isMixed(run: string, sure: boolean): boolean {
  if (run.length < 12 || !/\d/.test(run) || !/[A-Za-z]/.test(run))
    return run.length >= 20 && changes(run) >= run.length / 2.2
  return changes(run) >= (run.length >= 20 ? (sure ? 1 : 2) : 3)
}

function changes(run: string): number {
  return run.match(/\d(?=\D)|[a-z](?=[A-Z\d])|[A-Z](?=[a-z\d])/g)?.length ?? 0
}
