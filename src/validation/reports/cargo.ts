import type { TestCase } from '../../../schemas/test-report.ts'
import { CUT_SHORT } from './cut-short.ts'

/** What one test program said: from "running 3 tests" to "test result: ok". */
interface Section {
  /** The last heading before it, as the two streams happened to arrive. */
  readonly target: string
  readonly cases: TestCase[]
  ended: boolean
}

/**
 * Test cases of `cargo test`: "test tests::adds ... ok", with what a red one printed. Tests that were begun and told no result
 * are red: the code ended the program under them.
 */
export function readCargo(text: string): readonly TestCase[] {
  const headings: string[] = []
  const sections: Section[] = []
  const begin = (ended: boolean) => sections.push({ target: headings.at(-1) ?? '', cases: [], ended })
  for (const line of text.split('\n')) {
    const heading = headingOf(line)
    if (heading !== undefined) headings.push(heading)
    if (/^running \d+ tests?$/.test(line)) begin(false)
    const section = sections.at(-1)
    if (line.startsWith('test result: ') && section !== undefined) section.ended = true
    const [, name, state] = /^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)/.exec(line) ?? []
    if (name === undefined) continue
    if (section === undefined) begin(true)
    const status = state === 'ok' ? 'passed' : state === 'FAILED' ? 'failed' : 'skipped'
    const message = status === 'failed' ? messageAfter(text, `---- ${name} stdout ----`) : undefined
    sections.at(-1)?.cases.push({ id: name, status, ...(message !== undefined && { message }) })
  }
  // Headings come on stderr and the rest on stdout, in an order of their own: one belongs to each section, in turn.
  const paired = headings.length === sections.length
  return sections.flatMap(({ target, cases, ended }, index) => {
    const place = paired ? headings[index] : target
    const named = cases.map((entry) => (place ? { ...entry, id: `${place} > ${entry.id}` } : entry))
    return ended ? named : [...named, { id: place || 'cargo test', status: 'failed' as const, message: CUT_SHORT }]
  })
}

/** The program that the lines after it come from: "total tests/total.rs", or the crate whose documents are tested. */
function headingOf(line: string): string | undefined {
  const [, path, crate] = /^\s+Running (?:unittests )?(\S+)(?: \(.*?([^/\\]+)-[0-9a-f]+(?:\.exe)?\))?/.exec(line) ?? []
  const [, documented] = /^\s+Doc-tests (\S+)/.exec(line) ?? []
  if (documented !== undefined) return `${documented} doc`
  return path === undefined || crate === undefined ? path : `${crate} ${path}`
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
