// Adds up the reports of all runs and prints the closing line. Ends with 1 where anything failed or nothing ran.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, stepFailed] = process.argv.slice(2)
let passed = 0
let failed = stepFailed === '0' ? 0 : 1
let skipped = 0
let again = 0
for (const file of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  skipped += report.numPendingTests + report.numTodoTests
  // A log that is kept in part keeps its end: what failed is told there once more.
  for (const { name, status, message, assertionResults } of report.testResults) {
    if (status === 'failed' && assertionResults.every((result) => result.status !== 'failed'))
      console.log(`failed: ${name}\n${message}`)
    for (const { status: end, fullName, failureMessages } of assertionResults) {
      if (failureMessages.length === 0) continue
      if (end === 'passed') again += 1
      const told = end === 'passed' ? 'passed the second time only' : end
      console.log(`${told}: ${name}: ${fullName}\n${failureMessages.join('\n').slice(0, 4_000)}`)
    }
  }
  console.log(
    `${file.replace('.json', '').padEnd(12)} ${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} skipped`,
  )
}
if (passed === 0) failed += 1
if (again > 0)
  console.log(`${again} passed the second time only: named above, each a defect of a test or of the product`)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit(failed === 0 ? 0 : 1)
