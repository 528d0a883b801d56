import { relative } from 'node:path'
import { z } from 'zod'
import type { TestCase } from '../../../schemas/test-report.ts'
import { tryParse } from '../../expected.ts'
import { CUT_SHORT } from './cut-short.ts'

const Assertion = z.looseObject({
  ancestorTitles: z.array(z.string()).catch([]),
  title: z.string().catch(''),
  status: z.string(),
  failureMessages: z.array(z.string()).catch([]),
})
const Jest = z.looseObject({
  testResults: z.array(
    z.looseObject({
      name: z.string(),
      status: z.string().catch(''),
      message: z.string().catch(''),
      assertionResults: z.array(Assertion),
    }),
  ),
})

/** Test cases of `jest --json` and of vitest's JSON reporter, with files relative to the folder; empty for anything else. */
export function readJest(text: string, folder: string): readonly TestCase[] {
  const { testResults = [] } = Jest.safeParse(parse(text)).data ?? {}
  return testResults.flatMap(({ name, status, message, assertionResults }): TestCase[] => {
    const file = relative(folder, name)
    // A file that cannot be loaded has no tests and is red all the same.
    if (assertionResults.length === 0 && status === 'failed')
      return [{ id: file, status: 'failed', file, message: message.slice(0, 2000) }]
    return assertionResults.map((entry) => {
      const [first] = entry.failureMessages
      const state = entry.status === 'passed' || entry.status === 'failed' ? entry.status : 'skipped'
      return {
        id: [file, ...entry.ancestorTitles, entry.title].join(' > ').slice(0, 1000),
        status: state,
        file,
        ...(first !== undefined && { message: first.slice(0, 2000) }),
      }
    })
  })
}

const GoEvent = z.looseObject({
  Action: z.string(),
  Package: z.string().catch(''),
  Test: z.string().optional(),
  Output: z.string().optional(),
})
const GO_STATES: Readonly<Record<string, TestCase['status']>> = { pass: 'passed', fail: 'failed', skip: 'skipped' }

/** Test cases of `go test -json`, one event a line; a package that does not build is one red case. */
export function readGo(text: string): readonly TestCase[] {
  const output = new Map<string, string>()
  const cases = new Map<string, TestCase>()
  const outputOf = (id: string) => output.get(id) ?? ''
  for (const line of text.split('\n')) {
    const event = GoEvent.safeParse(parse(line)).data
    if (event === undefined) continue
    const id = event.Test === undefined ? event.Package : `${event.Package} > ${event.Test}`
    if (event.Output !== undefined) output.set(id, `${output.get(id) ?? ''}${event.Output}`.slice(-2000))
    const status = GO_STATES[event.Action]
    if (status === undefined) continue
    // Where the code ends the program, go takes the test that ran, and its package, for passed; PASS is what is missing then.
    const over = outputOf(id)
      .split('\n')
      .some((line) => line.startsWith(`ok  \t${event.Package}\t`))
    if (status === 'passed' && over && !/^PASS$/m.test(outputOf(event.Package))) {
      cases.set(id, { id, status: 'failed', message: CUT_SHORT })
      continue
    }
    const silent =
      event.Test === undefined &&
      (status !== 'failed' ||
        [...cases.values()].some((entry) => entry.status === 'failed' && entry.id.startsWith(`${event.Package} > `)))
    if (!silent)
      cases.set(id, { id: id.slice(0, 1000), status, ...(status === 'failed' && { message: output.get(id) ?? '' }) })
  }
  return [...cases.values()]
}

function parse(text: string): unknown {
  return tryParse(() => JSON.parse(text))
}
