import { z } from 'zod'
import { redact } from '../redaction/redact.ts'
import type { Sentence, Step } from '../step.ts'
import { mapTexts, visible } from '../visible.ts'

/** Longest answer of a tool, in characters of JSON, unless the caller asks for more. */
export const MAX_ANSWER = 8000

/** Text on its way out of any door: nothing that only a model or a terminal reads, no secrets. */
export function plain(text: string): string {
  return redact(visible(text))
}

/** What the caller needs as it is: its own lease, what confirms a preview. */
const AS_IT_IS: ReadonlySet<string> = new Set(['lease_token', 'confirm'])

/** The same for every text of an answer. */
export function plainAnswer(answer: unknown): unknown {
  return mapTexts(answer, plain, AS_IT_IS)
}

/** Stands at the end of every shortened text. */
const MARK = '…'

/** At most `max` characters, cut at the end of a line where one is near. */
function clip(text: string, max: number): string {
  if (text.length <= max) return text
  const line = text.lastIndexOf('\n', max)
  const end = line > max / 2 ? line : max
  // Never half of a surrogate pair.
  return text.slice(0, /[\uD800-\uDBFF]/.test(text[end - 1] ?? '') ? end - 1 : end)
}

/** A text that says in itself how much of it is shown: for messages and one-line summaries. */
export function excerpt(text: string, max: number): string {
  const shown = clip(text, max)
  return shown.length === text.length ? text : `${shown}${MARK} (${shown.length} of ${text.length} characters)`
}

/** What of an answer is shorter than what there is. */
export interface Cut {
  /** Path in the answer; `*` stands for each row. */
  readonly field: string
  /** Characters of texts, entries of lists. */
  readonly shown: number
  readonly total: number
  readonly readOn: Step | Sentence
}

export const Truncated = z
  .array(z.object({ field: z.string(), shown: z.int(), total: z.int(), read_on: z.string() }))
  .describe('What was shortened, in characters of texts and entries of lists, and how to read on; * is each row')

type ReadOn = Step | Sentence | ((shown: number) => Step | Sentence)

interface Room {
  /** Characters of JSON. */
  readonly chars?: number
  readonly rows?: number
  /** How many there are, where `items` are only the first of them. */
  readonly total?: number
  /** Shown even where it does not fit. Default: one entry, so that whoever reads on gets on. */
  readonly least?: number
}

/** Makes the row of an entry; what it shortens counts only where the row is shown. */
type Present<T, R> = (item: T, cut: Cutter) => R

/** The one way in which answers are shortened: whatever is left out stands in `cuts`. */
export interface Cutter {
  readonly text: (field: string, text: string, max: number, readOn: ReadOn) => string
  /** The end of a text of which `total` characters existed. */
  readonly tail: (field: string, text: string, max: number, total: number, readOn: ReadOn) => string
  readonly list: <T, R>(field: string, items: readonly T[], room: Room, readOn: ReadOn, present: Present<T, R>) => R[]
  /** The rows of a page that fit, at least one; the page's own cursor says where to go on. */
  readonly page: <T, R>(field: string, items: readonly T[], maxChars: number, present: Present<T, R>) => R[]
  /** The same for a part of the answer. */
  readonly within: (part: string) => Cutter
  readonly whole: boolean
  readonly cuts: () => readonly Cut[]
}

/** With `whole` nothing is left out: the command line has room. */
export function createCutter(whole = false): Cutter {
  return cutterInto(new Map(), '', whole)
}

function cutterInto(cuts: Map<string, Cut>, prefix: string, whole: boolean): Cutter {
  // Rows of a list are shortened alike: one entry sums them up.
  const note = ({ field, ...cut }: Cut) => {
    const known = cuts.get(field)
    if (known === undefined) cuts.set(field, { field, ...cut })
    else cuts.set(field, { ...known, shown: known.shown + cut.shown, total: known.total + cut.total })
  }
  const take = <T, R>(field: string, items: readonly T[], room: Room, present: Present<T, R>): R[] => {
    const rows: R[] = []
    let left = room.chars ?? Number.POSITIVE_INFINITY
    for (const item of items) {
      const own = new Map<string, Cut>()
      const row = present(item, cutterInto(own, `${prefix}${field}.*.`, whole))
      left -= JSON.stringify(row).length + 1
      const full = left < 0 || rows.length >= (room.rows ?? items.length)
      if (!whole && full && rows.length >= (room.least ?? 1)) break
      rows.push(row)
      for (const cut of own.values()) note(cut)
    }
    return rows
  }
  return {
    whole,
    text(field, text, max, readOn) {
      const shown = whole ? text : clip(text, max)
      if (shown.length === text.length) return text
      note({ field: prefix + field, shown: shown.length, total: text.length, readOn: resolve(readOn, shown.length) })
      return shown + MARK
    },
    tail(field, text, max, total, readOn) {
      const shown = whole ? text : text.slice(-max)
      if (shown.length >= total) return shown
      note({ field: prefix + field, shown: shown.length, total, readOn: resolve(readOn, shown.length) })
      return MARK + shown
    },
    list(field, items, room, readOn, present) {
      const rows = take(field, items, room, present)
      const total = room.total ?? items.length
      if (rows.length < total)
        note({ field: prefix + field, shown: rows.length, total, readOn: resolve(readOn, rows.length) })
      return rows
    },
    page: (field, items, chars, present) => take(field, items, { chars }, present),
    within: (part) => cutterInto(cuts, `${prefix}${part}.`, whole),
    cuts: () => [...cuts.values()],
  }
}

function resolve(readOn: ReadOn, shown: number): Step | Sentence {
  return typeof readOn === 'function' ? readOn(shown) : readOn
}

/** Shows an entry as it is. */
export function asIs<T>(item: T): T {
  return item
}
