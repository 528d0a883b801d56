// Adds up the reports of all tiers and prints the closing line. Ends with 1 where anything failed or nothing ran.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const [folder, stepFailed] = process.argv.slice(2)
let passed = 0
let failed = stepFailed === '0' ? 0 : 1
let skipped = 0
let again = 0
const tiers = []
const files = []
for (const file of readdirSync(folder)) {
  const tier = file.replace('.json', '')
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  skipped += report.numPendingTests + report.numTodoTests
  let seconds = 0
  // A log that is kept in part keeps its end: what failed is told there once more.
  for (const { name, status, message, startTime, endTime, assertionResults } of report.testResults) {
    const path = relative(process.cwd(), name)
    files.push({ path, tests: assertionResults.length, seconds: (endTime - startTime) / 1000 })
    seconds += (endTime - startTime) / 1000
    if (status === 'failed' && assertionResults.every((result) => result.status !== 'failed'))
      console.log(`failed: ${path}\n${message}`)
    for (const { status: end, fullName, failureMessages } of assertionResults) {
      if (failureMessages.length === 0) continue
      if (end === 'passed') again += 1
      const told = end === 'passed' ? 'passed the second time only' : end
      console.log(`${told}: ${path}: ${fullName}\n${failureMessages.join('\n').slice(0, 4_000)}`)
    }
  }
  tiers.push({ tier, report, seconds })
}
const all = tiers.reduce((sum, { report }) => sum + report.numTotalTests, 0)
for (const { tier, report, seconds } of tiers) {
  const share = Math.round((report.numTotalTests / all) * 100)
  const counts = `${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} skipped`
  console.log(`${tier.padEnd(12)} ${counts}; ${share} % of all tests, its files ${Math.round(seconds)} s`)
}
console.log('the ten slowest files:')
for (const { path, tests, seconds } of files.sort((one, other) => other.seconds - one.seconds).slice(0, 10))
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${path} (${tests} tests)`)
if (passed === 0) failed += 1
if (again > 0)
  console.log(`${again} passed the second time only: named above, each a defect of a test or of the product`)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit(failed === 0 ? 0 : 1)
