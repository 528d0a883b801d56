import { closesFence, type Fence, indentOf, openFence } from './document-line.ts'
import { readFrontMatter } from './front-matter.ts'

/** A fenced code block; lines count from 1, its fences included. */
export interface Fenced {
  readonly start: number
  readonly end: number
  /** Word behind the opening fence, in small letters. */
  readonly language: string
}

/** The lines with code, quotes, comments and addresses blanked out, column for column, and where the fences are. */
export function readProse(lines: readonly string[]): {
  readonly prose: readonly string[]
  readonly fences: readonly Fenced[]
} {
  const prose: string[] = []
  const fences: Fenced[] = []
  let fence: (Fence & { readonly start: number; readonly language: string }) | undefined
  let inComment = false
  const body = readFrontMatter(lines).length
  for (const [index, line] of lines.entries()) {
    if (index < body) {
      prose.push(blank(line))
      continue
    }
    const text = indentOf(line).text
    if (fence !== undefined) {
      prose.push(blank(line))
      if (closesFence(text, fence)) {
        fences.push({ start: fence.start, end: index + 1, language: fence.language })
        fence = undefined
      }
      continue
    }
    if (!inComment) {
      const opened = openFence(text.replace(/^(?:[-*+]|\d{1,9}[.)])\s+/, ''))
      if (opened !== undefined) {
        const language = /^[`~]+\s*([\w+#.-]*)/.exec(text)?.[1] ?? ''
        fence = { ...opened, start: index + 1, language: language.toLowerCase() }
        prose.push(blank(line))
        continue
      }
    }
    const visible = withoutComments(line, inComment)
    inComment = visible.inComment
    prose.push(text.startsWith('>') ? blank(line) : maskWords(visible.text))
  }
  if (fence !== undefined) fences.push({ start: fence.start, end: lines.length, language: fence.language })
  return { prose, fences }
}

function withoutComments(line: string, inside: boolean): { readonly text: string; readonly inComment: boolean } {
  if (!inside && !line.includes('<!--')) return { text: line, inComment: false }
  let text = ''
  let open = inside
  for (let at = 0; at < line.length; ) {
    const mark = open ? '-->' : '<!--'
    const next = line.indexOf(mark, at)
    const end = next === -1 ? line.length : open ? next + mark.length : next
    text += open ? ' '.repeat(end - at) : line.slice(at, end)
    if (next !== -1) open = !open
    at = end
  }
  return { text, inComment: open }
}

const NOT_OWN_WORDS =
  /(`+)[^`]*?\1|"[^"]{1,200}"|“[^”]{1,200}”|«[^»]{1,200}»|(?<=\])\([^)\s]{1,500}\)|<?https?:\/\/[^\s)>\]]+>?|<\/?[a-zA-Z][^<>]{0,200}>/g

function maskWords(line: string): string {
  return /[`"“«<]|\]\(|:\/\//.test(line) ? line.replace(NOT_OWN_WORDS, blank) : line
}

function blank(text: string): string {
  return ' '.repeat(text.length)
}
