import type { TestCase } from '../../../schemas/test-report.ts'

/** Test cases of `cargo test`: "test tests::adds ... ok", with what a red one printed. */
export function readCargo(text: string): readonly TestCase[] {
  const cases: TestCase[] = []
  let target = ''
  for (const line of text.split('\n')) {
    const [, path, crate] =
      /^\s+Running (?:unittests )?(\S+)(?: \(.*?([^/\\]+)-[0-9a-f]+(?:\.exe)?\))?/.exec(line) ?? []
    const [, documented] = /^\s+Doc-tests (\S+)/.exec(line) ?? []
    if (path !== undefined) target = crate === undefined ? path : `${crate} ${path}`
    if (documented !== undefined) target = `${documented} doc`
    const [, name, state] = /^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)/.exec(line) ?? []
    if (name === undefined) continue
    const status = state === 'ok' ? 'passed' : state === 'FAILED' ? 'failed' : 'skipped'
    const message = status === 'failed' ? messageAfter(text, `---- ${name} stdout ----`) : undefined
    cases.push({ id: target === '' ? name : `${target} > ${name}`, status, ...(message !== undefined && { message }) })
  }
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
