import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const corpus = join(import.meta.dirname, '..', 'corpus')

/** The exact text of one section of a corpus file, from its heading line up to the next heading of its level or above. */
export function sectionOf(file: string, heading: string): string {
  const lines = readFileSync(join(corpus, file), 'utf8').split('\n')
  const start = lines.indexOf(heading)
  if (start < 0) throw new Error(`${file} has no heading "${heading}"`)
  const level = heading.indexOf(' ')
  let fenced = false
  let end = start + 1
  for (; end < lines.length; end += 1) {
    const line = lines[end] ?? ''
    if (line.startsWith('```')) fenced = !fenced
    const marks = fenced ? undefined : /^(#{1,6}) /.exec(line)?.[1]
    if (marks !== undefined && marks.length <= level) break
  }
  return end === lines.length ? lines.slice(start).join('\n') : `${lines.slice(start, end).join('\n')}\n`
}
