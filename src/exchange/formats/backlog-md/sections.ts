import { splitLines } from '../../../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../../../spec/markdown/markdown-scan.ts'
import { readDate } from '../reading/date.ts'
import { readItems } from '../reading/item-list.ts'
import type { VendorNote } from '../reading/task.ts'

export interface Check {
  readonly text: string
  readonly checked: boolean
}

/** What the body of a task says, by the sections that Backlog.md knows. */
export interface Sections {
  readonly description: string
  readonly plan: string
  readonly notes: string
  readonly summary: string
  readonly criteria: readonly Check[]
  readonly definitionOfDone: readonly Check[]
  readonly comments: readonly VendorNote[]
  /** Text that stands in no known section, or with the check boxes of one. */
  readonly rest: string
}

type Name = 'description' | 'plan' | 'notes' | 'summary' | 'criteria' | 'done' | 'comments' | 'rest'

const TITLES: Readonly<Record<string, Name>> = {
  description: 'description',
  'acceptance criteria': 'criteria',
  'acceptance criteria (optional)': 'criteria',
  'definition of done': 'done',
  'implementation plan': 'plan',
  'implementation plan (optional)': 'plan',
  'implementation notes': 'notes',
  'implementation notes (optional)': 'notes',
  'final summary': 'summary',
  comments: 'comments',
}

const MARKER = /^<!--\s*(SECTION:[A-Z_]+|AC|DOD|COMMENTS?):(BEGIN|END)\s*-->$/

export function readSections(body: string): Sections {
  const { texts, comments } = split(body)
  const text = (name: Name): string => (texts.get(name) ?? []).join('\n').trim()
  const criteria = readItems(text('criteria'))
  const done = readItems(text('done'))
  const rest = [
    text('rest'),
    criteria.prose === '' ? '' : `## Acceptance Criteria\n\n${criteria.prose}`,
    done.prose === '' ? '' : `## Definition of Done\n\n${done.prose}`,
  ]
  return {
    description: text('description'),
    plan: text('plan'),
    notes: text('notes'),
    summary: text('summary'),
    criteria: criteria.items,
    definitionOfDone: done.items,
    comments: comments.filter((block) => block !== '').map(readComment),
    rest: rest.filter((part) => part !== '').join('\n\n'),
  }
}

/**
 * Lines of each section, and the blocks of its comments, which stand between markers of their own. What stands between a
 * pair of markers is its section's, headings and all.
 */
function split(body: string): {
  readonly texts: ReadonlyMap<Name, readonly string[]>
  readonly comments: readonly string[]
} {
  const texts = new Map<Name, string[]>()
  const comments: string[][] = [[]]
  let name: Name = 'rest'
  let marked: string | undefined
  /** The line behind the heading of the section. */
  let begin = 0
  const lines = splitLines(body)
  for (const [index, scanned] of scanMarkdown(lines).lines.entries()) {
    const line = lines[index] ?? ''
    const marker = scanned.kind === 'comment' ? MARKER.exec(line.trim()) : null
    if (marker !== null) {
      if (marker[2] === 'BEGIN') marked ??= marker[1]
      else if (marked === marker[1]) marked = undefined
      if (name === 'comments') comments.push([])
      if (marker[1] !== 'COMMENT' || name === 'comments') continue
    }
    const isHeading = scanned.kind === 'heading' && scanned.item === undefined && scanned.level === 2
    if (isHeading && marked === undefined) {
      const known = TITLES[scanned.text.toLowerCase()]
      // A heading of the author's own goes on with the prose above it, but is no check box and no comment.
      if (known === undefined && (name === 'criteria' || name === 'done' || name === 'comments')) name = 'rest'
      if (known !== undefined) {
        name = known
        begin = scanned.end
      }
    }
    if (index < begin) continue
    if (name === 'comments') comments.at(-1)?.push(line)
    const own = texts.get(name)
    if (own === undefined) texts.set(name, [line])
    else own.push(line)
  }
  return { texts, comments: comments.map((block) => block.join('\n').trim()) }
}

/** Its index, author and date stand on lines above its text. */
function readComment(block: string): VendorNote {
  const head = /^((?:(?:index|author|created):.*\n)+)\s*\n/i.exec(block)
  if (head === null) return { text: block }
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(head[1] ?? '')?.[1]?.trim()
  const created = field('created')
  const at = created === undefined ? undefined : readDate(created)
  const text = block.slice(head[0].length)
  // A date that cannot be read stays where people see it.
  return { text: created && at === undefined ? `${text}\n\n(${created})` : text, by: field('author'), at }
}
