import { createHash } from 'node:crypto'
import { MAX_BODY_BYTES } from '../../schemas/prd.ts'
import { SpekiError } from '../errors.ts'

/**
 * The one form a document's text is stored, hashed and compared in: LF line ends, no byte order mark, Unicode NFC,
 * exactly one line end at the end unless empty. Everything else stays as its author typed it, trailing blanks included
 * (two of them are a line break in Markdown).
 *
 * NFC because canonically equal text looks equal: without it a passage pasted from macOS (decomposed) is never found by
 * the same words typed by an agent (composed), and an approval would hang on a difference nobody can see.
 */
export function normalizeText(text: string): string {
  let start = 0
  while (text.charCodeAt(start) === 0xfeff) start++
  const body = normalizePassage(text.slice(start))
  let end = body.length
  while (end > 0 && body[end - 1] === '\n') end--
  return end === 0 ? '' : `${body.slice(0, end)}\n`
}

/** The same for a piece of a text, whose own start and end are left alone. */
export function normalizePassage(passage: string): string {
  return passage.replace(/\r\n?/g, '\n').normalize('NFC')
}

/** SHA-256 of the normalised text, in lower-case hex. */
export function hashText(text: string): string {
  return createHash('sha256').update(normalizeText(text), 'utf8').digest('hex')
}

/** Throws `invalid_input` for what no store and no wire carries faithfully, and for what is too long. */
export function checkText(text: string): void {
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes > MAX_BODY_BYTES) {
    throw new SpekiError('invalid_input', `The text has ${bytes} bytes; a document holds at most ${MAX_BODY_BYTES}.`, {
      hint: 'Split it into several documents, with parent naming the one they belong to.',
    })
  }
  const nul = text.indexOf('\0')
  if (nul !== -1) {
    throw new SpekiError('invalid_input', `The text has a NUL character in line ${lineAt(text, nul)}.`, {
      hint: 'Remove it and send the text again; it often comes from a file that is not UTF-8.',
    })
  }
  if (!text.isWellFormed()) {
    const half = text.search(/\p{Surrogate}/u)
    throw new SpekiError('invalid_input', `The text has half of a surrogate pair in line ${lineAt(text, half)}.`, {
      hint: 'Remove or retype that character; it often comes from cutting a text inside an emoji.',
    })
  }
}

/** Lines of a normalised text, without their ends; none where it is empty. */
export function linesOf(text: string): string[] {
  return text === '' ? [] : text.slice(0, -1).split('\n')
}

/** Line a position is in, counted from 1; CRLF and LF end lines. */
export function lineAt(text: string, position: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line++
  return line
}
