import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import type { TestCase } from '../../../schemas/test-report.ts'
import { tryParse } from '../../expected.ts'

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: 'text',
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name) => ['testsuite', 'testcase', 'failure', 'error', 'UnitTestResult', 'UnitTest'].includes(name),
})

const Fault = z.array(
  z.union([z.string(), z.looseObject({ message: z.string().optional(), text: z.string().optional() })]),
)
type Fault = z.infer<typeof Fault>
const Case = z.looseObject({
  name: z.string().catch(''),
  classname: z.string().optional(),
  file: z.string().optional(),
  failure: Fault.optional(),
  error: Fault.optional(),
  skipped: z.unknown().optional(),
})
interface Suite {
  readonly name?: string | undefined
  readonly file?: string | undefined
  readonly testcase?: readonly z.infer<typeof Case>[] | undefined
  readonly testsuite?: readonly Suite[] | undefined
}
const Suite: z.ZodType<Suite> = z.lazy(() =>
  z.looseObject({
    name: z.string().optional(),
    file: z.string().optional(),
    testcase: z.array(Case).optional(),
    testsuite: z.array(Suite).optional(),
  }),
)
const Document = z.looseObject({
  testsuites: z.union([Suite, z.string()]).optional(),
  testsuite: z.array(Suite).optional(),
})

/** Test cases of a JUnit report, as node --test, pytest, Surefire, Gradle, PHPUnit and ctest write it; empty for anything else. */
export function readJunit(xml: string): readonly TestCase[] {
  const document = Document.safeParse(tryParse(() => parser.parse(xml))).data
  const top = typeof document?.testsuites === 'object' ? [document.testsuites] : []
  return [...top, ...(document?.testsuite ?? [])].flatMap((suite) => readSuite(suite, []))
}

function readSuite(suite: Suite, above: readonly string[]): readonly TestCase[] {
  const path = suite.name === undefined || suite.name === '' ? above : [...above, suite.name]
  const cases = (suite.testcase ?? []).map((entry): TestCase => {
    const faults = [...(entry.failure ?? []), ...(entry.error ?? [])]
    const status = faults.length > 0 ? 'failed' : entry.skipped === undefined ? 'passed' : 'skipped'
    const file = entry.file ?? suite.file
    const message = faults[0] === undefined ? undefined : faultText(faults[0])
    // Generic class names say nothing; others tell tests of one name apart.
    const group =
      entry.classname === undefined || entry.classname === 'test' || path.includes(entry.classname)
        ? []
        : [entry.classname]
    return {
      id: [...(file === undefined ? [] : [file]), ...path, ...group, entry.name].join(' > ').slice(0, 1000),
      status,
      ...(file !== undefined && { file }),
      ...(message !== undefined && { message: message.slice(0, 2000) }),
    }
  })
  return [...cases, ...(suite.testsuite ?? []).flatMap((inner) => readSuite(inner, path))]
}

function faultText(fault: Fault[number]): string {
  if (typeof fault === 'string') return fault
  return [fault.message, fault.text].filter((part) => part !== undefined && part !== '').join('\n')
}

const Trx = z.looseObject({
  TestRun: z.looseObject({
    Results: z.looseObject({
      UnitTestResult: z.array(
        z.looseObject({
          testName: z.string().catch(''),
          outcome: z.string().catch(''),
          Output: z
            .looseObject({ ErrorInfo: z.looseObject({ Message: z.string().catch('') }).optional() })
            .optional()
            .catch(undefined),
        }),
      ),
    }),
  }),
})

const OUTCOMES: Readonly<Record<string, TestCase['status']>> = {
  Passed: 'passed',
  Failed: 'failed',
  Error: 'failed',
  Timeout: 'failed',
  NotExecuted: 'skipped',
}

/** Test cases of a Visual Studio report (`dotnet test --logger trx`); empty for anything else. */
export function readTrx(xml: string): readonly TestCase[] {
  const results = Trx.safeParse(tryParse(() => parser.parse(xml))).data?.TestRun.Results.UnitTestResult ?? []
  return results.map(({ testName, outcome, Output }) => {
    const message = Output?.ErrorInfo?.Message
    return {
      id: testName.slice(0, 1000),
      status: OUTCOMES[outcome] ?? 'skipped',
      ...(message !== undefined && { message: message.slice(0, 2000) }),
    }
  })
}
