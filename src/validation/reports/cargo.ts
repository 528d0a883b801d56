import type { TestCase } from '../../../schemas/test-report.ts'
import { CUT_SHORT } from './cut-short.ts'

/**
 * Test cases of `cargo test`: "test tests::adds ... ok", with what a red one printed. Tests that were begun and told no result
 * are red: the code ended the program under them.
 */
export function readCargo(text: string): readonly TestCase[] {
  const cases: TestCase[] = []
  let target = ''
  let begun = false
  const settle = () => {
    if (begun) cases.push({ id: target === '' ? 'cargo test' : target, status: 'failed', message: CUT_SHORT })
    begun = false
  }
  for (const line of text.split('\n')) {
    const [, path, crate] =
      /^\s+Running (?:unittests )?(\S+)(?: \(.*?([^/\\]+)-[0-9a-f]+(?:\.exe)?\))?/.exec(line) ?? []
    const [, documented] = /^\s+Doc-tests (\S+)/.exec(line) ?? []
    // Only lines of stdout are compared: what cargo itself says comes on stderr, sooner or later than these.
    if (/^running \d+ tests?$/.test(line)) {
      settle()
      begun = true
    } else if (line.startsWith('test result: ')) begun = false
    if (path !== undefined) target = crate === undefined ? path : `${crate} ${path}`
    if (documented !== undefined) target = `${documented} doc`
    const [, name, state] = /^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)/.exec(line) ?? []
    if (name === undefined) continue
    const status = state === 'ok' ? 'passed' : state === 'FAILED' ? 'failed' : 'skipped'
    const message = status === 'failed' ? messageAfter(text, `---- ${name} stdout ----`) : undefined
    cases.push({ id: target === '' ? name : `${target} > ${name}`, status, ...(message !== undefined && { message }) })
  }
  settle()
  return cases
}

function messageAfter(text: string, heading: string): string | undefined {
  const at = text.indexOf(heading)
  return at === -1
    ? undefined
    : text
        .slice(at + heading.length, at + heading.length + 2000)
        .split(/\n\n|\n---- /)[0]
        ?.trim()
}
