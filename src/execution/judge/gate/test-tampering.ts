import { isTestFile, type Language, languageOf, withoutComments } from './languages.ts'

const count = (pattern: RegExp, text: string) => text.match(pattern)?.length ?? 0

/** What ends a test file, or a test, before it has shown anything. */
const EARLY_END =
  /\bprocess\.exit\s*\(|\bsys\.exit\s*\(|\bos\._exit\s*\(|\bif\s*\(?\s*(?:false|False|0)\b|\bif\s*\(?\s*(?:true|True|1)\)?\s*\{?\s*return\b|^([ \t]*)return(?:[ \t]+0)?;?[ \t]*\n+\1(?!\}|end\b)\S|#\s*(?:undef|define)\s+assert\b|\bcatch\s*(?:\([^()]*\))?\s*\{\s*\}|\bexcept\b[^\n]{0,300}?:\s*pass\b/gm

/**
 * What was done to a file that holds tests, as sentences; empty where it only grew. `before` undefined: it is new; `after`
 * undefined: it is gone. `named`: the task is about it, so its lines may change; that a test runs and asserts may not. Rust keeps
 * tests beside the code: of such files only the part with tests is held to this.
 */
export function testTampering(
  path: string,
  before: string | undefined,
  after: string | undefined,
  named = false,
): readonly string[] {
  const language = languageOf(path)
  if (language === undefined) return named ? [] : dataTampering(path, before, after)
  if (after === undefined)
    return before !== undefined && isTestFile(path) ? [`${path} was deleted; existing tests stay.`] : []
  const [was, is] = [testPart(path, language, before ?? ''), testPart(path, language, after)]
  if (was === undefined || is === undefined) return was === is ? [] : testsGone(path, was)
  const found: string[] = []
  const grew = (pattern: RegExp) => count(pattern, is) > count(pattern, was)
  // Some marks are written as comments.
  if (count(language.skips, after) > count(language.skips, before ?? ''))
    found.push(`${path} switches tests off (skip, only, todo or ignore); let all of them run.`)
  if (grew(language.tautologies))
    found.push(`${path} has assertions that hold whatever the code does; assert what the code does.`)
  if (before === undefined) return found
  if (grew(EARLY_END)) found.push(`${path} ends before its tests have shown anything; let them run to their end.`)
  if (count(language.tests, is) < count(language.tests, was))
    found.push(`${path} has fewer tests than before; existing tests stay.`)
  const lost = named ? [] : lostLines(was, is)
  if (lost.length > 0)
    found.push(
      `${path} lost or changed ${lost.length === 1 ? 'a line' : `${lost.length} lines`} (${lost[0]?.slice(0, 80)}); add tests, existing ones stay as they are. Where the requirement changed them, name the file in the task.`,
    )
  return found
}

/** Scripts that run tests, and what tests compare with, are held to their lines too. */
function dataTampering(path: string, before: string | undefined, after: string | undefined): readonly string[] {
  if (before === undefined || !isTestFile(path) || !/\.(?:sh|bash|snap|bats)$/.test(path)) return []
  const lost = lostLines(before, after ?? '')
  return lost.length === 0
    ? []
    : [
        `${path} lost or changed what tests rest on (${lost[0]?.slice(0, 80)}); name the file in the task where that is meant.`,
      ]
}

/** What of a file is tests, without comments: all of a test file; of code what stands behind the mark of its tests. */
function testPart(path: string, language: Language, text: string): string | undefined {
  const plain = withoutComments(language, text)
  if (isTestFile(path)) return plain
  const at = plain.search(/#\[cfg\(test\)\]/)
  return at === -1 ? undefined : plain.slice(at)
}

function testsGone(path: string, was: string | undefined): readonly string[] {
  return was === undefined ? [] : [`${path} has no tests any more; existing tests stay.`]
}

/** Lines that the new text does not have any more, wherever they stood and however they are indented. */
function lostLines(before: string, after: string): readonly string[] {
  const left = new Map<string, number>()
  for (const line of plainLines(after)) left.set(line, (left.get(line) ?? 0) + 1)
  return plainLines(before).filter((line) => {
    const number = left.get(line) ?? 0
    left.set(line, number - 1)
    return number <= 0
  })
}

/** Brackets alone say nothing, and imports may grow. */
function plainLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').replace(/[;,]$/, '').trim())
    .filter(
      (line) =>
        /\w/.test(line) && !/^(?:import\b|from\b|use\b|using\b|#include\b|require\b|const \{.*\} = require)/.test(line),
    )
}
