import { plain, wordCount } from '../markdown/plain-text.ts'
import { roleOf, type SectionRole } from '../markdown/section-role.ts'
import { keyRole, parseKeyed } from './keyed.ts'
import type { Unit } from './unit.ts'

const MAX_WORDS = 12

export interface LeadIn {
  readonly title: string
  readonly role: SectionRole | undefined
  /** Bold all through, so it reads like a heading. */
  readonly bold: boolean
}

/** A paragraph that only introduces what follows: `**Acceptance criteria**`, `Out of scope:`. */
export function parseLeadIn(unit: Unit): LeadIn | undefined {
  if (unit.marker !== 'none' || unit.children.length > 0) return undefined
  return introduces(unit.text)
}

/** The same for a list item that groups what is nested in it. */
export function parseGroupItem(unit: Unit): LeadIn | undefined {
  return unit.marker === 'none' || unit.children.length === 0 ? undefined : introduces(unit.text)
}

function introduces(source: string): LeadIn | undefined {
  const bold = /^(?:\*\*[^*]+\*\*|__[^_]+__)\s*:?$/.test(source)
  const text = plain(source)
  if (!bold && !text.endsWith(':')) return undefined
  if (wordCount(text) > MAX_WORDS) return undefined
  const title = text.replace(/\s*:$/, '')
  return { title, role: titleRole(title), bold }
}

function titleRole(title: string): SectionRole | undefined {
  const role = roleOf(title)
  if (role !== undefined) return role
  switch (keyRole(title.toLowerCase())) {
    case 'criteria':
      return 'criteria'
    case 'meta':
      return 'details'
    default:
      return undefined
  }
}

/** `Priority: high` and its like say something about a requirement and are none. */
export function isMetadata(text: string): boolean {
  const keyed = parseKeyed(text)
  return keyed !== undefined && keyRole(keyed.key) === 'meta'
}

export function isStruck(text: string): boolean {
  return /^~~.*~~[.\s]*$/.test(text.trim())
}
