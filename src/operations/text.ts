import { SpekiError } from '../errors.ts'

/** Longest answer of a tool, in characters of JSON, unless the caller asks for more. */
export const MAX_ANSWER = 8000

// Zero-width, bidirectional and tag characters: seen by a model, not by a person.
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\u{E0000}-\u{E007F}]/gu

/** Text from outside (program output, imports) as data: without invisible characters. */
export function plain(text: string): string {
  return text.replace(INVISIBLE, '')
}

/** At most `max` characters, cut at the end of a line where one is near. */
export function clip(text: string, max: number): { readonly text: string; readonly truncated: boolean } {
  if (text.length <= max) return { text, truncated: false }
  const cut = text.lastIndexOf('\n', max)
  return { text: text.slice(0, cut > max / 2 ? cut : max), truncated: true }
}

/** Refuses characters that no text of ours may hold, wherever they stand in the arguments. */
export function refuseControlCharacters(value: unknown, path = 'arguments'): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000'))
      throw new SpekiError('invalid_input', `${path} holds a NUL character. Nothing was changed.`, {
        hint: 'Send text without it.',
      })
    if (!value.isWellFormed())
      throw new SpekiError('invalid_input', `${path} holds half of a surrogate pair. Nothing was changed.`, {
        hint: 'Send well-formed Unicode.',
      })
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, entry] of Object.entries(value)) {
    refuseControlCharacters(key, path)
    refuseControlCharacters(entry, path === 'arguments' ? key : `${path}.${key}`)
  }
}

/** The first of the items that fit into so many characters of JSON; at least one, so that whoever pages gets on. */
export function fitting<T>(items: readonly T[], maxChars: number): T[] {
  const taken: T[] = []
  let room = maxChars
  for (const item of items) {
    room -= JSON.stringify(item).length + 1
    if (room < 0 && taken.length > 0) break
    taken.push(item)
  }
  return taken
}
