import { isPlaceholderWord } from './secret-value.ts'
import { REDACTED } from './token-rules.ts'

/** Shorter values would be replaced in words that mean something else. */
const SHORTEST = 6
/** Pieces of at least so many characters are recognised alone, where they look like no word. */
const PIECE = 8
/** Line ends, as such or escaped, within a value that was broken over lines, and marks of continued lines. */
const BROKEN = '(?:[ \\t]*(?:\\\\r)?(?:\\\\n|\\r?\\n)[ \\t>|]*)?'
const LONGEST_BROKEN = 400

/** Values that mean something in every text: a user, a place, a language, a switch. */
const ORDINARY = /^(?:[a-z]{1,11}|\d{1,7}|-[DX]\S+|[a-z]{2}_[A-Z]{2}(?:\.[\w-]+)?|(?:~|\.{0,2})\/[\w./:~ -]*)$/i

/**
 * Blacks out values that are known: as they are, as JSON, a URL, HTML or base64 has them, broken over lines, and in pieces, where
 * a stream or a model cut them.
 */
export function createBlackout(values: readonly string[]): (text: string) => string {
  const secrets = [...new Set(values.flatMap((value) => [value.trim(), ...linesOf(value)]))].filter(
    (value) => value.length >= SHORTEST && !ORDINARY.test(value) && !isPlaceholderWord(value),
  )
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length)
  if (forms.length === 0) return (text) => text
  const pieces = new Set(forms.flatMap(piecesOf))
  const broken = secrets.filter(({ length }) => length <= LONGEST_BROKEN).map(brokenForm)
  return (text) => {
    const whole = forms.reduce((cleaned, form) => cleaned.replaceAll(form, REDACTED), text)
    const joined =
      whole.includes('\n') || whole.includes('\\n')
        ? broken.reduce((cleaned, form) => cleaned.replace(form, REDACTED), whole)
        : whole
    return withoutPieces(joined, pieces)
  }
}

/** Of several lines, such as a key, each is a secret that long ones are made of. */
function linesOf(value: string): string[] {
  return value.includes('\n')
    ? value
        .split('\n')
        .map((line) => line.trim())
        .filter(({ length }) => length >= 16)
    : []
}

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value)
  // What stands before a value shifts its base64: its inner part is the same in one of three.
  const encoded = [0, 1, 2].map((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return shifted.slice(shift === 0 ? 0 : shift + 1, bytes.length % 3 === (3 - shift) % 3 ? undefined : -1)
  })
  const escaped = JSON.stringify(value).slice(1, -1)
  return [
    value,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    escaped.replaceAll('/', '\\/'),
    encodeURIComponent(value.toWellFormed()),
    encodeURIComponent(value.toWellFormed()).replaceAll('%20', '+'),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    bytes.toString('hex'),
    ...encoded,
    ...encoded.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ].filter(({ length }) => length >= SHORTEST)
}

function brokenForm(value: string): RegExp {
  return new RegExp([...value].map((character) => character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join(BROKEN), 'gu')
}

/** Every part of a piece's length that is no word: of two kinds of letters, one of them digits or capitals among small ones. */
function piecesOf(form: string): string[] {
  if (form.length < PIECE * 2) return []
  return Array.from({ length: form.length - PIECE + 1 }, (_, at) => form.slice(at, at + PIECE)).filter((piece) =>
    /\d/.test(piece) ? /[A-Za-z]/.test(piece) : /[a-z][A-Z]/.test(piece) && /[A-Z].*[A-Z]/.test(piece),
  )
}

function withoutPieces(text: string, pieces: ReadonlySet<string>): string {
  if (pieces.size === 0) return text
  let cleaned = ''
  let from = 0
  for (let at = 0; at + PIECE <= text.length; at++) {
    if (!pieces.has(text.slice(at, at + PIECE))) continue
    let end = at + PIECE
    while (pieces.has(text.slice(end - PIECE + 1, end + 1))) end++
    cleaned += text.slice(from, at) + REDACTED
    from = end
    at = end - 1
  }
  return cleaned + text.slice(from)
}
