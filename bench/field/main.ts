import { appendFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { tryClone } from './field.ts'
import { missesOf, tell } from './report.ts'

/**
 * `node bench/field/main.ts [--json FILE] [--keep] FOLDER…`: what SPEKI makes of clones of repositories. Each is copied, registered in a data
 * folder of its own, and worked on by an agent without a model: a right change, a slip, a test emptied, a test deleted. Nothing leaves the machine but
 * what the repository's own checks do. Ends with 1 where anything is not as it should be.
 */
const words = process.argv.slice(2)
const keep = take('--keep')
const json = words.includes('--json') ? words.splice(words.indexOf('--json'), 2)[1] : undefined
let misses = 0
for (const clone of words) {
  const folder = await mkdtemp(join(tmpdir(), 'speki-field-'))
  process.env['SPEKI_HOME'] = join(folder, 'home')
  try {
    const found = await tryClone(resolve(clone), folder)
    console.log(tell(found))
    misses += missesOf(found).length
    if (json !== undefined) appendFileSync(json, `${JSON.stringify({ ...found, misses: missesOf(found) })}\n`)
  } catch (error) {
    misses += 1
    console.log(
      `## ${basename(clone)}\n\nIt could not be tried: ${error instanceof Error ? error.message : String(error)}\n`,
    )
  } finally {
    if (keep) console.log(`Kept: ${folder}\n`)
    else await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
process.exitCode = misses > 0 ? 1 : 0

function take(flag: string): boolean {
  const at = words.indexOf(flag)
  if (at !== -1) words.splice(at, 1)
  return at !== -1
}
