const MAX_WORDS = 20

/** The words of a query, without anything an engine could read as an operator. */
export function searchWords(query: string): readonly string[] {
  return (query.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, MAX_WORDS)
}
