import { atxHeading, indentOf, listMarker } from '../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../spec/markdown/markdown-scan.ts'
import type { ScannedFence } from '../spec/markdown/scanned-line.ts'

/** Shorter lines are lines of their own; people who wrap a sentence over several lines wrap at 70 to 100. */
const MIN_WRAPPED_LINE = 40

const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|approx|ca|cf|dr|etc|fig|incl|max|min|mr|mrs|ms|no|nr|prof|sec|st|vs)\.$/i
// Not bound to the machine's language, which would make merges differ between machines.
const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' })

/**
 * For each line, whether it belongs to the one before: in one fenced code block, or in one sentence wrapped over lines.
 * Two edits in what belongs together are edits of one thing, though they touch different lines.
 */
export function joinedLines(lines: readonly string[]): boolean[] {
  const joined = lines.map((line, index) => index > 0 && continuesSentence(lines[index - 1] ?? '', line))
  for (const fence of closedFences(lines)) {
    joined[fence.first] = false
    joined.fill(true, fence.first + 1, fence.end)
    if (fence.end < joined.length) joined[fence.end] = false
  }
  return joined
}

/**
 * Lines as the pieces an edit keeps or replaces whole: sentences, the white space between them, headings, table rows,
 * fenced code blocks, line ends. Joined together they are the lines again, each with its end.
 */
export function passageTokens(lines: readonly string[]): string[] {
  const joined = joinedLines(lines)
  const inFence = new Set<number>()
  for (const fence of closedFences(lines)) inFence.add(fence.first)
  const tokens: string[] = []
  for (let first = 0; first < lines.length; ) {
    let end = first + 1
    while (joined[end] === true) end++
    const unit = lines.slice(first, end).join('\n')
    if (inFence.has(first) || isWhole(unit)) tokens.push(unit)
    else tokens.push(...sentences(unit))
    tokens.push('\n')
    first = end
  }
  return tokens
}

/** One that nothing closes may reach to the end of the text only because the text was cut. */
function closedFences(lines: readonly string[]): readonly ScannedFence[] {
  return scanMarkdown(lines).fences.filter(({ closed }) => closed)
}

/** Lines whose parts make no sense alone: headings and table rows. */
function isWhole(unit: string): boolean {
  const { text } = indentOf(unit)
  return text.startsWith('|') || atxHeading(text) !== undefined || unit.split('|', 3).length === 3
}

function sentences(unit: string): string[] {
  const { text } = indentOf(unit)
  const start = unit.indexOf(text) + (text.length - (listMarker(text)?.rest ?? text).length)
  const tokens: string[] = []
  let from = 0
  // A line end would end the sentence; a wrapped one goes on.
  for (const { segment, index } of SENTENCES.segment(unit.slice(start).replaceAll('\n', ' '))) {
    const to = start + index + segment.length
    if (ABBREVIATION.test(segment.trimEnd().slice(-10))) continue
    const open = unit.slice(from, to)
    const sentence = open.trimEnd()
    tokens.push(sentence, open.slice(sentence.length))
    from = to
  }
  tokens.push(unit.slice(from))
  return tokens.filter((token) => token !== '')
}

function continuesSentence(line: string, next: string): boolean {
  if (line.length < MIN_WRAPPED_LINE || line.endsWith('  ') || line.endsWith('\\')) return false
  if (/[.!?:;。！？…]["')\]*_`»”’]*$/.test(line.trimEnd().slice(-10))) return false
  const before = indentOf(line).text
  const { text } = indentOf(next)
  const startsBlock =
    text === '' || listMarker(text) !== undefined || atxHeading(text) !== undefined || /^[>|<`~=-]/.test(text)
  return !startsBlock && atxHeading(before) === undefined && !/^[>|<]/.test(before)
}
