import { atxHeading, closesFence, type Fence, indentOf, openFence } from '../../../spec/markdown/markdown-line.ts'
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
  /** Text that stands in no known section, or beside the check boxes of one. */
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
  const texts = split(body)
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
    comments: readComments(texts.get('comments') ?? []),
    rest: rest.filter((part) => part !== '').join('\n\n'),
  }
}

/** Lines of each section; what stands between a pair of markers is its section's, headings and all. */
function split(body: string): ReadonlyMap<Name, readonly string[]> {
  const texts = new Map<Name, string[]>()
  let name: Name = 'rest'
  let marked: string | undefined
  let fence: Fence | undefined
  for (const line of body.split('\n')) {
    const { text } = indentOf(line)
    const marker = MARKER.exec(text)
    if (marker !== null && fence === undefined) {
      if (marker[2] === 'BEGIN') marked ??= marker[1]
      else if (marked === marker[1]) marked = undefined
      if (marker[1] !== 'COMMENT') continue
    }
    if (fence === undefined) fence = openFence(text)
    else if (closesFence(text, fence)) fence = undefined
    const heading = fence === undefined && marked === undefined ? atxHeading(text) : undefined
    const known = heading?.level === 2 ? TITLES[heading.title.toLowerCase()] : undefined
    if (known !== undefined) {
      name = known
      continue
    }
    // A heading of the author's own goes on with the prose above it, but is no check box and no comment.
    if (heading?.level === 2 && (name === 'criteria' || name === 'done' || name === 'comments')) name = 'rest'
    const lines = texts.get(name)
    if (lines === undefined) texts.set(name, [line])
    else lines.push(line)
  }
  return texts
}

/** Each comment stands between markers, below lines with its index, author and date. */
function readComments(lines: readonly string[]): VendorNote[] {
  const found: VendorNote[] = []
  let block: string[] = []
  const end = (): void => {
    if (block.some((line) => line.trim() !== '')) found.push(readComment(block.join('\n').trim()))
    block = []
  }
  for (const line of lines)
    if (MARKER.test(line.trim())) end()
    else block.push(line)
  end()
  return found
}

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
