// Adds up the reports of all tiers and prints the closing line. Ends with 1 where anything failed or nothing ran.
// For each tier the folder holds NAME.exit, how its run ended, and NAME.json, its report, which a run that crashed leaves out or in part.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const [folder, stepsFailed] = process.argv.slice(2)
let passed = 0
let failed = Number(stepsFailed)
let skipped = 0
let again = 0
const tiers = []
const files = []
const names = readdirSync(folder).filter((file) => file.endsWith('.exit'))
for (const tier of names.map((file) => file.replace('.exit', ''))) {
  const exit = readFileSync(join(folder, `${tier}.exit`), 'utf8').trim()
  const report = read(join(folder, `${tier}.json`))
  if (report === undefined) {
    failed += 1
    console.log(`failed: ${tier} ended with ${exit} and left no whole report`)
    continue
  }
  passed += report.numPassedTests
  skipped += report.numPendingTests + report.numTodoTests
  let red = report.numFailedTests
  let seconds = 0
  // A log that is kept in part keeps its end: what failed is told there once more.
  for (const { name, status, message, startTime, endTime, assertionResults } of report.testResults) {
    const path = relative(process.cwd(), name)
    files.push({ path, tests: assertionResults.length, seconds: (endTime - startTime) / 1000 })
    seconds += (endTime - startTime) / 1000
    // A file that could not be read, or whose hooks failed, has no test to be counted.
    if (status === 'failed' && assertionResults.every((result) => result.status !== 'failed')) {
      red += 1
      console.log(`failed: ${path}\n${message}`)
    }
    for (const { status: end, fullName, failureMessages } of assertionResults) {
      if (failureMessages.length === 0) continue
      if (end === 'passed') again += 1
      const told = end === 'passed' ? 'passed the second time only' : end
      console.log(`${told}: ${path}: ${fullName}\n${failureMessages.join('\n').slice(0, 4_000)}`)
    }
  }
  if (exit !== '0' && red === 0) {
    red = 1
    console.log(`failed: ${tier} ended with ${exit} though no test failed; what it printed tells why`)
  }
  failed += red
  tiers.push({ tier, report, red, seconds })
}
const all = tiers.reduce((sum, { report }) => sum + report.numTotalTests, 0)
for (const { tier, report, red, seconds } of tiers) {
  const share = all === 0 ? 0 : Math.round((report.numTotalTests / all) * 100)
  const counts = `${report.numPassedTests} passed, ${red} failed, ${report.numPendingTests} skipped`
  console.log(`${tier.padEnd(12)} ${counts}; ${share} % of all tests, its files ${Math.round(seconds)} s`)
}
console.log('the ten slowest files:')
for (const { path, tests, seconds } of files.sort((one, other) => other.seconds - one.seconds).slice(0, 10))
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${path} (${tests} tests)`)
if (passed === 0 && failed === 0) failed = 1
if (again > 0)
  console.log(`${again} passed the second time only: named above, each a defect of a test or of the product`)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit(failed === 0 ? 0 : 1)

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}
