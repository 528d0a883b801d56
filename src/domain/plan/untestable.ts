/** Phrases that two readers would test differently, or not at all. */
const VAGUE = [
  'works? (?:properly|correctly|fine|well|as expected)', 'as (?:expected|usual|appropriate|needed)', 'gracefully', 'appropriate(?:ly)?', 'proper(?:ly)?',
  'user[- ]friendly', 'intuitive(?:ly)?', 'seamless(?:ly)?', 'robust(?:ly)?', 'scalable', 'reliabl[ey]', 'flexibl[ey]', 'fast', 'quick(?:ly)?', 'easy', 'easily',
  'simple', 'nice(?:ly)?', 'good', 'better', 'optimal(?:ly)?', 'etc\\.?', 'and so on', 'and/or',
] // biome-ignore format: a list
const PATTERN = new RegExp(`\\b(${VAGUE.join('|')})(?!\\w)`, 'i')

/** What makes a sentence checkable whatever else it says: a number, a quoted or code value. */
const VALUE = /\d|`[^`]+`|"[^"]+"|“[^”]+”/

/** The vague phrase that makes a criterion untestable; undefined where one can see whether it holds. */
export function vaguePhrase(criterion: string): string | undefined {
  return VALUE.test(criterion) ? undefined : PATTERN.exec(criterion)?.[1]
}
