import { kindOfName, type NameKind } from './secret-name.ts'
import { isPlaceholder, looksLikeCode, looksRandom } from './secret-value.ts'
import { REDACTED } from './token-rules.ts'

/** Names as code, settings and headers have them. */
const NAME = /[A-Za-z_$][A-Za-z0-9_$.-]*/g
const LONGEST_NAME = 120
/** Between a name and its value: `=`, `: `, `=>`, `":"`, `>` of XML, `%3D`, a bracket of an index. */
const SEPARATOR =
  /(?:\[\d{0,5}\])?\s{0,4}(?:\\{0,3}["'`]|&quot;)?\]?\s{0,4}(?:\?{1,2}=|\.=|:{1,3}=|=>|->|\+=|===?|!==?|=|:|%3D|%3A)\s{0,4}(?:!!\w{1,10} )?/y
const IN_MARKUP = /(?:\s[\w:]{1,20}="[^"<>]{0,80}")?>\s{0,20}(?=[^<>\s])/y
/** `<property name="db.password">x`. */
const AFTER_ATTRIBUTE = /["']\s{0,4}>\s{0,20}(?=[^<>\s])/y
/** A name that is itself a value: `name: DB_PASSWORD, value: …`, `key="Password" value="…"`, `variable "x" { default = … }`. */
const NAMED =
  /\\{0,3}["']?\s{0,2},?\s{0,40}(?:\/>\s{0,40}<)?(?:\{[^{}]{0,200}?)?\\{0,3}["']?(?:value|Value|default|defaultValue)\\{0,3}["']?\s{0,4}[:=]\s{0,4}/y
/** `--password x`, `ENV DB_PASSWORD x`, `login ann password x`, `setx TOKEN x`, `config set token x`. */
const SPACED = / {1,4}(?=[^\s=:|&<>;,-])/y
/** The first line of a block of YAML: `token: |`. */
const BLOCK = /["']?:\s{0,4}[|>][+-]?\r?\n[ \t]{1,40}/y
/** `define("DB_PASSWORD", "x")`, `secret("x")`, `password "x"`: only where the value looks like one. */
const ARGUMENT = /\\{0,3}["'`]?(?:\s{0,2},\s{0,4}|\(\s{0,2}| {1,2})(?=\\{0,3}["'`])/y
/** `token,x,` of a table. */
const CELL = /,(?=[\w/+=.-]{20,200}(?:[,;\r\n]|$))/y
/** `x is the password`, as comments say it. */
const SAID = /(?<![\w/+=.-])([\w/+=.!@#%^&*-]{8,200})(?= is the (?:password|passphrase|secret|token|api key)\b)/g
/** `"x" == password`. */
const REVERSED = /(["'`])([^"'`\s]{6,200})\1(?=\s{0,3}[!=]==?\s{0,3}([A-Za-z_$][\w$.]{0,80}))/g
const BEFORE_SPACED =
  /(?:(?:^|[\s"'`(])--?|\b(?:ENV|setx|set|set-secret|secret put|login \S{1,80}|default \S{0,2}) {1,2}|\/\/\S{1,80}:)$/
const TYPED =
  /\s{0,2}:\s{0,2}(?:str|string|String|Optional\[str\]|bytes|char\*?|var|SecretStr)(?:\s\|\s(?:None|null|undefined))?\s{0,2}:?=\s{0,2}|\s{1,2}\*?(?:string|\[\]byte)\s{0,2}=\s{0,2}/y
const STRING_PREFIX = /(?:[rbufRBUF]{1,2}|@|N|L|String\()?(\\{0,3}["'`]|&quot;)/y
const UNQUOTED = /[^\s"'`,;&<>(){}|\\]+/y
const IN_ENVIRONMENT = /[^\s"'`\\]+/y
const LONGEST_VALUE = 8192
/** Addresses and names of files stand behind `key` often. */
const NO_KEY = /^https?:|\.(?:properties|json|xml|ya?ml|txt|p12|pem|cr?t|cer|key|md|[jt]sx?|png)$/

/** Whatever stands where a name says that a secret follows: in settings, code, command lines, forms and markup. */
export function withoutAssigned(source: string): string {
  const compared = source.replace(REVERSED, (whole, quote: string, value: string, name: string) =>
    kindOfName(name) !== undefined && looksRandom(value) ? `${quote}${REDACTED}${quote}` : whole,
  )
  const text = compared.replace(SAID, (value) => (looksRandom(value) ? REDACTED : value))
  let cleaned = ''
  let from = 0
  // Names come again and again in a text.
  const kinds = new Map<string, NameKind | undefined>()
  NAME.lastIndex = 0
  for (let found = NAME.exec(text); found !== null; found = NAME.exec(text)) {
    const [whole] = found
    const trimmed = whole.replace(/[.-]{1,20}$/, '')
    const name = trimmed.length > LONGEST_NAME ? trimmed.slice(-LONGEST_NAME) : trimmed
    if (!kinds.has(name)) kinds.set(name, kindOfName(name))
    const kind = kinds.get(name)
    if (kind === undefined) continue
    const value = valueAfter(text, found.index, found.index + trimmed.length, name, kind)
    if (value === undefined) continue
    cleaned += text.slice(from, value.start) + REDACTED
    from = value.end
    NAME.lastIndex = Math.max(value.end, NAME.lastIndex)
  }
  return cleaned + text.slice(from)
}

interface Span {
  readonly start: number
  readonly end: number
}

function valueAfter(text: string, begin: number, at: number, name: string, kind: NameKind): Span | undefined {
  const before = text.slice(Math.max(0, begin - 100), begin)
  // `${NAME:?message}` says what to do without it; `${NAME:-x}` has a value.
  if (before.endsWith('${') && !text.startsWith(':-', at)) return undefined
  const block = match(BLOCK, text, at)
  if (block !== undefined) return judged(text, at + block.length, { name, kind: 'key', before: '', separator: ': ' })
  const typed = match(TYPED, text, at)
  const assigned = typed ?? match(SEPARATOR, text, at)
  // A setting without a value is followed by the next one.
  if (
    assigned !== undefined &&
    /[\r\n]/.test(assigned) &&
    /^[\w.-]{1,100}\s{0,2}[=:]/.test(text.slice(at + assigned.length, at + assigned.length + 104))
  )
    return undefined
  if (assigned !== undefined && assigned.length > 0)
    return judged(text, at + assigned.length, { name, kind, before, separator: assigned })
  const markup = before.endsWith('<') || /<[\w:-]{0,40}[:.]$/.test(before) ? match(IN_MARKUP, text, at) : undefined
  const attribute = /(?:name|key|id)=["']$/i.test(before) ? match(AFTER_ATTRIBUTE, text, at) : undefined
  if (attribute !== undefined) return inMarkup(text, at + attribute.length, { name, kind })
  if (markup !== undefined) return inMarkup(text, at + markup.length, { name, kind })
  const named = match(NAMED, text, at)
  if (named !== undefined) return judged(text, at + named.length, { name, kind, before: '', separator: '=' })
  const argument = match(ARGUMENT, text, at)
  if (argument !== undefined && (!argument.includes(',') || /["'`]$/.test(before)))
    return judged(text, at + argument.length, { name, kind: 'key', before, separator: ' ' })
  const cell = match(CELL, text, at)
  if (cell !== undefined) return judged(text, at + cell.length, { name, kind: 'key', before: '', separator: ',' })
  const spaced = match(SPACED, text, at)
  if (spaced === undefined || !BEFORE_SPACED.test(before)) return undefined
  return judged(text, at + spaced.length, { name, kind, before, separator: ' ' })
}

interface Place {
  readonly name: string
  readonly kind: NameKind
  readonly before: string
  readonly separator: string
}

function judged(text: string, at: number, place: Place): Span | undefined {
  const prefix = match(STRING_PREFIX, text, at)
  if (prefix !== undefined) {
    const quote = prefix.slice(prefix.search(/\\{0,3}["'`]|&quot;/))
    const start = at + prefix.length
    const end = endOfQuoted(text, start, quote)
    const value = text.slice(start, end)
    return isQuotedSecret(value, place) ? { start, end } : undefined
  }
  return unquoted(text, at, place)
}

function endOfQuoted(text: string, start: number, quote: string): number {
  const near = text.slice(start, start + LONGEST_VALUE)
  const lineEnd = near.search(/[\r\n]/)
  const line = lineEnd === -1 ? near : near.slice(0, lineEnd)
  let end = line.indexOf(quote)
  // A quote that is escaped one level deeper belongs to the value.
  while (end > 0 && line[end - 1] === '\\' && !quote.startsWith('\\')) end = line.indexOf(quote, end + 1)
  return start + (end === -1 ? line.search(/\s|$/) : end)
}

function isQuotedSecret(value: string, { name, kind }: Pick<Place, 'name' | 'kind'>): boolean {
  if (isPlaceholder(value.trim()) || value.length < 3) return false
  if (/\s/.test(value)) {
    // A sentence is a label or a message; a header has its scheme before the secret.
    if (/^(?:Bearer|Basic|Token|ApiKey)\s\S{6,}$/i.test(value)) return true
    return kind === 'password' && /\d|[^\w\s.,'!?:()-]/.test(value) && value.split(/\s/).length <= 4
  }
  if (kind === 'password')
    return !/^[A-Z]?[a-z]+(?:[._-][a-z]+)+$|^[a-z]+[A-Z][A-Za-z]*(?:Password|Passwd|Pwd)$|^[A-Z]?[a-z]*[Pp]assword$/.test(
      value,
    )
  if (kind === 'key')
    return value.length >= 10 && looksRandom(value) && (opens(name) || !isDigest(value)) && !NO_KEY.test(value)
  return (
    looksRandom(value) ||
    (value.length >= 8 && !/^[A-Za-z]+(?:[-_./: ][A-Za-z]+)*$/.test(value)) ||
    (value.length >= 20 && /^[A-Za-z]+$/.test(value))
  )
}

function unquoted(text: string, at: number, { name, kind, before, separator }: Place): Span | undefined {
  const lineStart =
    /(?:^|\n|\r|\\n)[ \t]*(?:- |\+ ?|export |set |\$env:|ENV |ARG |Environment=|env )?$/i.test(before) ||
    (before.length < 100 && /^\s*$/.test(before))
  // As the shell has it: a name in capitals, and everything up to the next blank.
  const environment = separator === '=' && /^[A-Z][A-Z0-9_]*$/.test(name) && !/[?&]$/.test(before)
  const value = (match(environment ? IN_ENVIRONMENT : UNQUOTED, text, at) ?? '').slice(0, LONGEST_VALUE)
  const trimmed = environment || kind === 'password' ? value.replace(/[.,]$/, '') : value.replace(/[.,:\]]+$/, '')
  const end = at + trimmed.length
  if (trimmed === '' || isPlaceholder(trimmed) || /^[[{(]/.test(trimmed)) return undefined
  if (name === 'PWD' || name === 'OLDPWD') return undefined
  const span = { start: at, end }
  const next = text.slice(end, end + 3)
  if (next.startsWith('(') && !environment) return undefined
  if (/^(?:true|false|\d{1,3})$/i.test(trimmed)) return undefined
  const spaced = /^\s|\s$/.test(separator)
  const alone = lineStart && /^(?:\s*(?:[\r\n]|$)|\\n|\s+#|\s*;?\s*$)/.test(text.slice(end, end + 20))
  if (kind === 'key')
    return looksRandom(trimmed) &&
      trimmed.length >= 16 &&
      (opens(name) || !isDigest(trimmed)) &&
      !/^https?:/.test(trimmed)
      ? span
      : undefined
  if (environment)
    return trimmed.length >= (kind === 'password' ? 3 : 6) && !(kind === 'token' && /^\d{1,6}$/.test(trimmed))
      ? span
      : undefined
  if (/^#[0-9a-f]{3,8}$|^\w+\[/i.test(trimmed) || (looksLikeCode(trimmed) && !looksRandom(trimmed))) return undefined
  if (/^[A-Za-z]+$/.test(trimmed)) {
    if (looksRandom(trimmed)) return span
    if (kind === 'token') return undefined
    // One word: a password where the line is a setting, a word where it is a sentence or code.
    return trimmed.length >= 4 && (alone || !spaced || separator === ' ') && !/[A-Z]/.test(trimmed.slice(1))
      ? span
      : undefined
  }
  if (kind === 'password') return trimmed.length >= 4 && !/^[a-z]+(?:[-_/.][a-z]+)+$/.test(trimmed) ? span : undefined
  if (/^\d{1,7}(?:[.,:]\d+)*%?$/.test(trimmed)) return undefined
  if (/^[A-Za-z]+(?:[-_/.:][A-Za-z]+)*$/.test(trimmed) && !looksRandom(trimmed)) return undefined
  return trimmed.length >= 6 ? span : undefined
}

function inMarkup(text: string, start: number, place: Pick<Place, 'name' | 'kind'>): Span | undefined {
  const near = text.slice(start, start + LONGEST_VALUE)
  const end = near.indexOf('<')
  const value = (end === -1 ? near.slice(0, near.search(/\s|$/)) : near.slice(0, end)).trim()
  if (value.length < 3 || isPlaceholder(value) || /^https?:\/\//.test(value)) return undefined
  return isQuotedSecret(value, place) ? { start, end: start + value.length } : undefined
}

/** A name that is sure enough for a value in the form of a digest. */
function opens(name: string): boolean {
  return /pass$|^[A-Z][A-Z0-9]*_KEY$/.test(name) || kindOfName(name) !== 'key'
}

/** Digests name content, they open nothing. */
function isDigest(value: string): boolean {
  return /^(?:sha\d+[-:])/.test(value) || /(?:^|[-_:/])[0-9a-f]{40}$|(?:^|[-_:/])[0-9a-f]{64}$/.test(value)
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
