import { describe, expect, onTestFinished, test } from 'vitest'
import { startFixture } from '../http/fixture/server.ts'
import { TOKEN } from '../http/serve.ts'
import { authorized, runSuite, serveProduct, suiteName, suitesInstalled } from './suite.ts'

const MINUTES = 120_000

async function fixture(): Promise<string> {
  const server = await startFixture()
  onTestFinished(server.close)
  return await authorized(server.url, TOKEN.text)
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** Extensions that the SDK has no server side for; a revision does not require them. */
const isExtension = (scenario: string) => scenario.startsWith('tasks-')

describe.skipIf(!suitesInstalled)(suiteName('the conformance suite on the HTTP server with its fixture'), () => {
  test.each([
    { revision: '2026-07-28', scenarios: 37, checks: 120 },
    { revision: '2025-11-25', scenarios: 30, checks: 70 },
  ])('all that $revision requires passes', { timeout: MINUTES }, async ({ revision, scenarios, checks }) => {
    const { exitCode, scored, failed, output } = await runSuite(await fixture(), ['--requirements', revision])
    expect(exitCode, output).toBe(0)
    expect(failed.filter((scenario) => !isExtension(scenario))).toEqual([])
    expect(Object.keys(scored)).toHaveLength(scenarios)
    expect(sum(Object.values(scored))).toBe(checks)
  })

  test('the suite released before 2026-07-28 passes', { timeout: MINUTES }, async () => {
    const { exitCode, scored, failed, output } = await runSuite(await fixture(), [], 'released')
    expect(exitCode, output).toBe(0)
    expect(failed).toEqual([])
    expect(Object.keys(scored)).toHaveLength(30)
    expect(sum(Object.values(scored))).toBe(40)
  })
})

describe.skipIf(!suitesInstalled)(suiteName('the conformance suite on speki serve'), () => {
  test.each([
    ['2026-07-28', 'tools-list'],
    ['2026-07-28', 'resources-list'],
    ['2026-07-28', 'prompts-list'],
    ['2026-07-28', 'caching'],
    ['2026-07-28', 'sep-2164-resource-not-found'],
    ['2026-07-28', 'http-header-validation'],
    ['2026-07-28', 'dns-rebinding-protection'],
    ['2026-07-28', 'server-sse-multiple-streams'],
    ['2025-11-25', 'server-initialize'],
    ['2025-11-25', 'ping'],
    ['2025-11-25', 'tools-list'],
    ['2025-11-25', 'resources-list'],
    ['2025-11-25', 'prompts-list'],
    ['2025-11-25', 'dns-rebinding-protection'],
    ['2025-11-25', 'server-session-lifecycle'],
  ])('%s %s passes', { timeout: MINUTES }, async (revision, scenario) => {
    const url = await serveProduct()
    const { exitCode, output } = await runSuite(url, ['--scenario', scenario, '--spec-version', revision])
    expect(exitCode, output).toBe(0)
    expect(output).toMatch(/Passed: ([1-9]\d*)\/\1, 0 failed, 0 warnings/)
  })
})
