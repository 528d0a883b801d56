import { Parser } from 'tap-parser'
import type { TestCase } from '../../../schemas/test-report.ts'

type Events = ReturnType<typeof Parser.parse>

/** Test cases of the Test Anything Protocol, one document after the other. A plan that was not kept, and a bail-out, are red. */
export function readTap(text: string): readonly TestCase[] {
  if (!/^(?:TAP version \d+|1\.\.\d+)/m.test(text)) return []
  return documentsIn(text).flatMap((document) => [...casesIn(Parser.parse(document))])
}

/** A document ends with its plan, or where as many tests ran as the plan at its beginning says. */
function documentsIn(text: string): readonly string[] {
  const documents: string[][] = [[]]
  let planned: number | undefined
  let ran = 0
  const next = () => {
    documents.push([])
    planned = undefined
    ran = 0
  }
  for (const line of text.split('\n')) {
    const plan = /^1\.\.(\d+)/.exec(line)?.[1]
    const result = /^(?:not )?ok\b/.test(line)
    if (/^TAP version /.test(line) && (planned !== undefined || ran > 0)) next()
    else if (planned !== undefined && (plan !== undefined || (result && ran >= planned))) next()
    documents.at(-1)?.push(line)
    if (result) ran += 1
    if (plan === undefined) continue
    if (ran > 0) next()
    else planned = Number(plan)
  }
  return documents.map((lines) => lines.join('\n')).filter((document) => TELLS.test(document))
}

const TELLS = /^(?:(?:not )?ok\b|1\.\.|Bail out!)/m

function* casesIn(events: Events): Generator<TestCase> {
  let below: readonly TestCase[] = []
  for (const event of events) {
    if (event[0] === 'child') {
      below = [...casesIn(event[1])]
      yield* below
    } else if (event[0] === 'assert') {
      const { ok, skip, todo, id, fullname, name, closingTestPoint } = event[1]
      // The line of a subtest itself says what its parts said.
      const said = closingTestPoint && below.length > 0 && (ok || below.some(({ status }) => status === 'failed'))
      const status = skip !== false || todo !== false ? 'skipped' : ok ? 'passed' : 'failed'
      if (!said) yield { id: (fullname || name || `test ${id}`).slice(0, 1000), status }
      below = []
    } else if (event[0] === 'complete') {
      const { bailout, count, plan, failures } = event[1]
      if (bailout !== false) yield { id: `Bail out! ${bailout === true ? '' : bailout}`.trim(), status: 'failed' }
      else if (
        failures.some((failure: { readonly tapError?: string | null }) =>
          ['incorrect number of tests', 'no plan'].includes(failure.tapError ?? ''),
        )
      )
        yield { id: `${count} tests ran, ${plan.end ?? 'no number'} were planned`, status: 'failed' }
    }
  }
}
