import type { Section } from '../markdown/outline.ts'
import type { SectionRole } from '../markdown/section-role.ts'
import { type Labelled, parseLabel, prefixOf } from './label.ts'
import { toUnits } from './unit.ts'

/** So often a prefix has to define something before it is a habit of the text. */
const HABIT = 2
/** Keys of the workspace name other things wherever they stand. */
const KEYS = new Set(['PRD', 'TASK', 'PLAN', 'KNOW', 'CHECK'])
const NUMBER = /^\d{1,4}(?:\.\d{1,4}){0,4}[.):]?\s+/

/** Prefixes such as `CA` of CA-1, CA-2 …, with which a text numbers what it asks for; ids of risks, goals and tasks stand in sections of their own. */
export function ownFamilies(root: Section): ReadonlySet<string> {
  const numbers = new Map<string, Set<string>>()
  const note = (labelled: Labelled | undefined): void => {
    if (labelled?.family !== 'other') return
    const prefix = prefixOf(labelled.label)
    if (!/^[A-Z]{2,}/.test(prefix) || KEYS.has(prefix)) return
    const known = numbers.get(prefix)
    if (known === undefined) numbers.set(prefix, new Set([labelled.label]))
    else known.add(labelled.label)
  }
  const visit = (section: Section, above: SectionRole | undefined): void => {
    const own = section.role
    const role = own ?? above
    if (role === 'excluded' || role === 'questions' || role === 'narrative') return
    if (section.heading !== undefined) note(parseLabel(section.heading.text.replace(NUMBER, '')))
    for (const unit of toUnits(section.blocks)) {
      if (unit.kind === 'unit') note(parseLabel(unit.text))
      else for (const row of unit.rows) note(parseLabel(row.cells[0] ?? ''))
    }
    for (const child of section.sections) visit(child, role)
  }
  visit(root, undefined)
  return new Set([...numbers].filter(([, labels]) => labels.size >= HABIT).map(([prefix]) => prefix))
}
