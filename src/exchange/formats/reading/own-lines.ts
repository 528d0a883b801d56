import type { ScannedLine } from '../../../spec/markdown/scanned-line.ts'

/** What an item says on its own line, and what stands there beside it: its comments, a fence or quote that begins with it. */
export function ownLines(
  line: string,
  { text, from, hidden }: Extract<ScannedLine, { kind: 'item' }>,
): { readonly text: string; readonly more: string[] } {
  const content = line.slice(from).trim()
  if (hidden !== undefined) return { text, more: hidden.map((comment) => line.slice(comment.from, comment.to).trim()) }
  return { text, more: text === '' && content !== '' ? [content] : [] }
}
