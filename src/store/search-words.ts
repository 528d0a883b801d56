const MAX_WORDS = 20

/** Hits a search counts and pages through; whoever has more is told so. */
export const MAX_HITS = 5000

/** The words of a query, without anything an engine could read as an operator. */
export function searchWords(query: string): readonly string[] {
  return splitWords(query).slice(0, MAX_WORDS)
}

/** Letters and digits with the marks that belong to them; everything else, also `_` `-` `.` and `/`, parts words. */
export function splitWords(text: string): readonly string[] {
  return text.normalize('NFC').match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? []
}
