import type { TestCase } from '../../../schemas/test-report.ts'

/** Test cases of `cargo test`: "test tests::adds ... ok", with what a red one printed. */
export function readCargo(text: string): readonly TestCase[] {
  const cases: TestCase[] = []
  let target = ''
  for (const line of text.split('\n')) {
    target =
      /^\s+Running (?:unittests )?(\S+)/.exec(line)?.[1] ??
      (/^\s+Doc-tests (\S+)/.exec(line)?.[1] === undefined ? target : 'doc')
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

/** Test cases of the Test Anything Protocol, versions 12 to 14, subtests by their indentation. */
export function readTap(text: string): readonly TestCase[] {
  if (!/^(?:TAP version \d+|\s*1\.\.\d+)/m.test(text)) return []
  const cases: TestCase[] = []
  const above: { readonly depth: number; readonly name: string }[] = []
  for (const line of text.split('\n')) {
    const [, blanks = '', name] = /^( *)# Subtest: (.+)$/.exec(line) ?? []
    if (name !== undefined) {
      while ((above.at(-1)?.depth ?? -1) >= blanks.length) above.pop()
      above.push({ depth: blanks.length, name })
      continue
    }
    const [, indent = '', no, title = '', directive] =
      /^( *)(not )?ok\b(?: +\d+)?(?: +-)? *(.*?)(?: +# *(SKIP|TODO)\b.*)?$/i.exec(line) ?? []
    if (!/^ *(?:not )?ok\b/.test(line)) continue
    while ((above.at(-1)?.depth ?? -1) > indent.length) above.pop()
    // The line of a subtest itself, after its parts.
    const own = above.at(-1)
    if (own?.depth === indent.length && own.name === title) above.pop()
    const status = directive !== undefined ? 'skipped' : no === undefined ? 'passed' : 'failed'
    cases.push({ id: [...above.map((each) => each.name), title].join(' > ').slice(0, 1000), status })
  }
  return cases
}
