import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** What an answer is written on. */
export interface Screen {
  /** Columns of the terminal; undefined where the output is read by a program, which gets everything whole. */
  readonly width: number | undefined
  /** Epoch milliseconds, on a terminal: times are told from here. Programs get the times themselves. */
  readonly now: number | undefined
  /** Colours the text where colour is wanted: a terminal, unless NO_COLOR or FORCE_COLOR say otherwise. */
  readonly style: (format: Format, text: string) => string
}

export interface Stream extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

const USUAL_WIDTH = 80

export function screenOf(stream: Stream, now: number): Screen {
  const onTerminal = stream.isTTY === true
  return {
    // Some terminals say 0 until they are drawn.
    width: onTerminal ? stream.columns || USUAL_WIDTH : undefined,
    now: onTerminal ? now : undefined,
    style: (format, text) => styleText(format, text, { stream }),
  }
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 24 * 3600],
  ['month', 30 * 24 * 3600],
  ['week', 7 * 24 * 3600],
  ['day', 24 * 3600],
  ['hour', 3600],
  ['minute', 60],
]

/** "3 minutes ago", "in 2 hours", "just now". */
export function fromNow(at: number, now: number): string {
  const seconds = (at - now) / 1000
  for (const [unit, length] of UNITS)
    if (Math.abs(seconds) >= length)
      return new Intl.RelativeTimeFormat('en', { numeric: 'always' }).format(Math.trunc(seconds / length), unit)
  return seconds > 0 ? 'in a moment' : 'just now'
}
