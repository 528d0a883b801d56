/** What one reads and another does not see: ignorable by default, of direction, control, and annotation characters. */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2028\u2029\uFFF9-\uFFFB]|(?![\t\n\r])\p{Cc}/u
const EVERY = new RegExp(HIDDEN, 'gu')

/** Scripts in which joiners change how letters are written, hence words. */
const JOINED =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]$/u
const PICTURE = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F)$/u
/** Flags of the three countries that are written with tags. */
const TAGGED_FLAG =
  /\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}/gu

/**
 * What terminals read as commands (ECMA-48): titles and links up to their end, colours and movements, short ones. None holds
 * the beginning of another, so a text is gone through once; Node's `stripVTControlCharacters` looks for the end of each anew.
 */
const COMMANDS = new RegExp(
  [
    String.raw`(?:\x1B[\]PX^_]|[\x90\x98\x9D-\x9F])[^\x07\x1B\x80-\x9F]*(?:\x07|\x1B\\|\x9C)`,
    String.raw`(?:\x1B\[|\x9B)[0-?]*[ -/]*[@-~]`,
    String.raw`\x1B[#-/]?[0-~]`,
  ].join('|'),
  'g',
)

/** Text without what only terminals read; other control characters stay. */
export function withoutTerminalCommands(text: string): string {
  return text.replace(COMMANDS, '')
}

/**
 * Text as a person sees it: nothing in it that only a model or a terminal reads. Stays what words and pictures are made of:
 * joiners in scripts that join, in pictures of several, selectors after what they select.
 */
export function visible(text: string): string {
  if (!HIDDEN.test(text)) return text
  const plain = text.includes('\u001B') ? withoutTerminalCommands(text) : text
  const parts = plain.split(TAGGED_FLAG)
  const flags = plain.match(TAGGED_FLAG) ?? []
  return parts.map((part, at) => withoutHidden(part) + (flags[at] ?? '')).join('')
}

function withoutHidden(text: string): string {
  return text.replace(EVERY, (hidden: string, at: number) => {
    if (hidden === '\u2028' || hidden === '\u2029') return '\n'
    const before = characterBefore(text, at)
    const after = String.fromCodePoint(text.codePointAt(at + hidden.length) ?? 32)
    return isLegitimate(hidden, before, after) ? hidden : ''
  })
}

function isLegitimate(hidden: string, before: string, after: string): boolean {
  if (hidden === '\u200D' && PICTURE.test(before)) return PICTURE.test(after)
  if (hidden === '\u200D' || hidden === '\u200C') return JOINED.test(before) && JOINED.test(after)
  if (hidden === '\uFE0E' || hidden === '\uFE0F')
    return /^\p{Emoji}$/u.test(before) && !(/^[\d#*]$/.test(before) && after !== '\u20E3')
  if (/^[\u{E0100}-\u{E01EF}\uFE00-\uFE02]$/u.test(hidden)) return /^\p{Ideographic}$/u.test(before)
  return /^[\u180B-\u180D\u180F]$/.test(hidden) && /^\p{Script=Mongolian}$/u.test(before)
}

function characterBefore(text: string, at: number): string {
  const low = text[at - 1] ?? ' '
  return /[\uDC00-\uDFFF]/.test(low) && at > 1 ? text.slice(at - 2, at) : low
}

/** How many characters a reader would not have seen, with the lines they stand in. */
export interface Hidden {
  readonly characters: number
  readonly lines: readonly number[]
}

export function hiddenIn(text: string): Hidden {
  if (!HIDDEN.test(text)) return { characters: 0, lines: [] }
  const lines = text
    .split('\n')
    .flatMap((line, index) => (visible(line) === line || line === `\uFEFF${visible(line)}` ? [] : [index + 1]))
  return { characters: [...text].length - [...visible(text)].length, lines }
}

/** Every text in a value of plain data, through a function; `keep` names the entries that stay as they are. */
export function mapTexts(
  value: unknown,
  change: (text: string) => string,
  keep: ReadonlySet<string> = new Set(),
): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((entry) => mapTexts(entry, change, keep))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, keep.has(name) ? entry : mapTexts(entry, change, keep)]),
  )
}
