import type { TestCase } from '../../../schemas/test-report.ts'
import { CUT_SHORT } from './cut-short.ts'

const STATES: Readonly<Record<string, TestCase['status']>> = {
  ok: 'passed',
  FAIL: 'failed',
  ERROR: 'failed',
  'unexpected success': 'failed',
  skipped: 'skipped',
  'expected failure': 'skipped',
}

/**
 * Test cases of `python -m unittest -v`: "test_adds (test_sum.Sum.test_adds) ... ok", the state on a later line where the test
 * printed something or has a description. Without the closing line "Ran 3 tests" it was cut short, which is red.
 */
export function readUnittest(text: string): readonly TestCase[] {
  const cases: TestCase[] = []
  let id: string | undefined
  for (const line of text.split('\n').map((each) => each.trimEnd())) {
    // Before Python 3.11 the brackets hold the class alone.
    const [, name, place] = /^(\w+) \(([\w.]+)\)/.exec(line) ?? []
    if (name !== undefined && place !== undefined) id = `${place.replace(new RegExp(`\\.${name}$`), '')} > ${name}`
    const [, state] =
      /(?:\.\.\. |^)(ok|FAIL|ERROR|unexpected success|skipped|expected failure)(?: ['"].*)?$/.exec(line) ?? []
    if (id === undefined || state === undefined) continue
    const status = STATES[state] ?? 'failed'
    cases.push({ id, status, ...(status === 'failed' && { message: messageOf(text, id) }) })
    id = undefined
  }
  if (!/^Ran \d+ tests? in /m.test(text)) cases.push({ id: 'unittest', status: 'failed', message: CUT_SHORT })
  return cases
}

/** The last line of what is told below the heading of a red test: the exception. */
function messageOf(text: string, id: string): string {
  const at = text.search(new RegExp(`^(?:FAIL|ERROR): ${id.split(' > ').at(-1)} `, 'm'))
  if (at === -1) return 'failed'
  const block = text.slice(at, at + 4000).split(/\n(?:={20,}|-{20,}\nRan )/, 1)[0] ?? ''
  return block.trimEnd().split('\n').at(-1) ?? 'failed'
}
