import { isTestFile, languageOf } from './languages.ts'

const count = (pattern: RegExp, text: string) => text.match(pattern)?.length ?? 0

/**
 * What was done to a file that holds tests, as sentences; empty where it only grew. `before` undefined: it is new; `after`
 * undefined: it is gone. Rust keeps tests beside the code, so any file that holds some counts.
 */
export function testTampering(path: string, before: string | undefined, after: string | undefined): readonly string[] {
  const language = languageOf(path)
  if (language === undefined) return []
  if (after === undefined)
    return before !== undefined && isTestFile(path) ? [`${path} was deleted; existing tests stay.`] : []
  const holds = isTestFile(path) || count(language.tests, before ?? after) > 0
  if (!holds) return []
  const was = before ?? ''
  const found: string[] = []
  const grew = (pattern: RegExp) => count(pattern, after) > count(pattern, was)
  const fell = (pattern: RegExp) => count(pattern, after) < count(pattern, was)
  if (grew(language.skips)) found.push(`${path} switches tests off (skip, only, todo or ignore); let all of them run.`)
  if (grew(language.tautologies))
    found.push(`${path} has assertions that hold whatever the code does; assert what the code does.`)
  if (fell(language.tests)) found.push(`${path} has fewer tests than before; existing tests stay.`)
  if (before !== undefined) {
    const lost = lostAssertions(language.assertions, before, after)
    if (lost.length > 0)
      found.push(
        `${path} lost or changed ${lost.length === 1 ? 'an assertion' : `${lost.length} assertions`} (${lost[0]?.slice(0, 80)}); add new ones, existing ones stay. Where the requirement changed them, name the file in the task.`,
      )
  }
  return found
}

/** Lines with an assertion that the new text does not have any more, wherever they stood. */
function lostAssertions(assertions: RegExp, before: string, after: string): readonly string[] {
  const left = new Map<string, number>()
  for (const line of assertionLines(assertions, after)) left.set(line, (left.get(line) ?? 0) + 1)
  return assertionLines(assertions, before).filter((line) => {
    const number = left.get(line) ?? 0
    left.set(line, number - 1)
    return number <= 0
  })
}

function assertionLines(assertions: RegExp, text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').replace(/[;,]$/, '').trim())
    .filter((line) => new RegExp(assertions.source, assertions.flags.replace('g', '')).test(line))
}
