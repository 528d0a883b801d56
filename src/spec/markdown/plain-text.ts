import { remembering } from './remembering.ts'

/** Without paired bold marks; code, links and lone asterisks stay. Most text has no marks, so each pass is asked for first. */
export const plain = remembering((text) => {
  let result = text
  if (result.includes('**')) result = result.replace(/\*\*([^*]+)\*\*/g, '$1')
  if (result.includes('__')) result = result.replace(/(^|[\s([])__([^_]+)__/g, '$1$2')
  if (/\s\s|[^\S ]/.test(result)) result = result.replace(/\s+/g, ' ')
  return result.trim()
})

/** Also without italics, for finding keywords. */
export const bare = remembering((text) => {
  const result = plain(text)
  return /[*_]/.test(result) ? result.replace(/(^|[\s([])[*_]([^*_]+)[*_]/g, '$1$2').trim() : result
})

/** A form field left as the template had it, or nothing said. */
export function isPlaceholder(text: string): boolean {
  const content = text.trim()
  if (/needs clarification/i.test(content)) return false
  if (/^\[[^\]]*\][.…]?$/.test(content) || /^<[^>]*>$/.test(content) || /^\{[^}]*\}$/.test(content)) return true
  return /^[(（]?(?:tbd|todo|n\/?a|none|nothing|无|なし|…|\.{3}|-+|[^\p{L}\p{N}]*)[)）]?[.!]?$/iu.test(content)
}

export function wordCount(text: string): number {
  let words = 0
  let inWord = false
  for (const character of text) {
    const space = character === ' ' || character === '\t' || character === '\n'
    if (!space && !inWord) words++
    inWord = !space
  }
  return words
}
