import { endOf, type Table } from '../markdown/markdown-block.ts'
import { isPlaceholder, plain } from '../markdown/plain-text.ts'
import { addCriterion, type Draft, extendTo } from './draft.ts'
import { keyRole, parseKeyed } from './keyed.ts'
import { parseLabel } from './label.ts'
import { isStruck, parseGroupItem, parseLeadIn } from './lead-in.ts'
import { criteriaRows, requirementRows } from './requirement-table.ts'
import { groupScenarios } from './scenario-group.ts'
import { toUnits, type Unit } from './unit.ts'
import { isUserStory } from './user-story.ts'

/**
 * What plain list items count as: `open` and `criteria` take them as criteria (`criteria` takes paragraphs too),
 * `scenarios` leaves them and takes Given/When/Then only, `skip` leaves all, `apart` hands them back as requirements of their own.
 */
export type OwnedRegion = 'open' | 'criteria' | 'scenarios' | 'skip' | 'apart'

/** Something inside a requirement that is a requirement itself; `listed` when a line above it says so. */
export interface Leftover {
  readonly content: Unit | Table
  readonly listed: boolean
}

/** Gives a requirement what stands inside it or behind it, and returns what is none of its own. */
export function absorb(
  owner: Draft,
  content: readonly (Unit | Table)[],
  initial: OwnedRegion,
  own: ReadonlySet<string>,
): readonly Leftover[] {
  const leftovers: Leftover[] = []
  let region = initial
  let sawItem = false

  for (const part of groupScenarios(content)) {
    if (part.kind === 'scenario') {
      if (region !== 'skip') addCriterion(owner, part.text, part.lines)
      extendTo(owner, part.lines.end)
      sawItem = true
      continue
    }
    if (part.kind === 'table') {
      if (region === 'apart' || (region !== 'skip' && requirementRows(part, false, own).length > 0)) {
        leftovers.push({ content: part, listed: region === 'apart' })
        continue
      }
      if (region !== 'skip')
        for (const row of criteriaRows(part)) addCriterion(owner, row.text, { start: row.line, end: row.line })
      extendTo(owner, endOf(part))
      continue
    }
    if (isStruck(part.text)) {
      extendTo(owner, part.lines.end)
      continue
    }
    if (region !== 'skip' && parseLabel(part.text, own)?.family === 'requirement') {
      leftovers.push({ content: part, listed: false })
      continue
    }
    const leadIn = parseLeadIn(part)
    if (leadIn !== undefined && !isUserStory(part.text)) {
      sawItem = false
      if (leadIn.role === 'criteria' || leadIn.role === 'checks' || leadIn.role === 'expected') region = 'criteria'
      else if (leadIn.role === 'requirements') region = 'apart'
      else if (leadIn.role !== undefined) region = keyRole(leadIn.title.toLowerCase()) === 'statement' ? 'open' : 'skip'
      else {
        region = initial === 'criteria' ? 'criteria' : 'open'
        if (!leadIn.bold && owner.statement === undefined) owner.statement = leadIn.title
      }
      if (region !== 'apart') extendTo(owner, part.lines.end)
      continue
    }
    if (region === 'apart' && part.marker !== 'none') {
      leftovers.push({ content: part, listed: true })
      continue
    }
    extendTo(owner, part.lines.end)
    if (part.marker === 'none') {
      if (sawItem && region !== initial) region = initial
      region = readParagraph(owner, part, region, sawItem)
      continue
    }
    sawItem = true
    for (const leftover of readItem(owner, part, region, own)) leftovers.push(leftover)
  }
  return leftovers
}

function readParagraph(owner: Draft, unit: Unit, region: OwnedRegion, sawItem: boolean): OwnedRegion {
  const keyed = parseKeyed(unit.text)
  const role = keyed === undefined ? undefined : keyRole(keyed.key)
  if (keyed !== undefined && role === 'meta') return keyed.value === '' ? 'skip' : region
  if (keyed !== undefined && role === 'criteria') {
    addCriterion(owner, keyed.value, unit.lines)
    return 'criteria'
  }
  if (region === 'skip') return region
  const text = keyed !== undefined && role === 'statement' ? keyed.value : plain(unit.text)
  if (isPlaceholder(text)) return region
  if (isUserStory(text) && owner.form !== 'openspec' && owner.form !== 'explicit_id') owner.form = 'user_story'
  if (owner.statement === undefined && (!sawItem || role === 'statement')) owner.statement = text
  else if (region === 'criteria') addCriterion(owner, text, unit.lines)
  return region
}

function readItem(owner: Draft, unit: Unit, region: OwnedRegion, own: ReadonlySet<string>): readonly Leftover[] {
  if (region === 'skip' || region === 'scenarios') return []
  const keyed = parseKeyed(unit.text)
  const role = keyed === undefined ? undefined : keyRole(keyed.key)
  const nested = toUnits(unit.children)
  if (keyed !== undefined && role === 'meta') return []
  if (keyed !== undefined && role === 'statement' && region === 'open') {
    if (owner.statement === undefined && !isPlaceholder(keyed.value)) owner.statement = keyed.value
    if (isUserStory(keyed.value) && owner.form !== 'openspec' && owner.form !== 'explicit_id') owner.form = 'user_story'
    return absorb(owner, nested, 'open', own)
  }
  const group = parseGroupItem(unit)
  if (role === 'criteria' || group?.role === 'criteria' || group?.role === 'checks' || keyed?.key === 'requirements') {
    if (keyed !== undefined && keyed.value !== '') addCriterion(owner, keyed.value, unit.lines)
    return absorb(owner, nested, 'criteria', own)
  }
  if (group?.role !== undefined)
    return group.role === 'requirements' ? nested.map((content) => ({ content, listed: true })) : []
  if (nested.some((child) => child.kind === 'unit' && parseLabel(child.text, own)?.family === 'requirement'))
    return absorb(owner, nested, region, own)
  if (isUserStory(unit.text) && owner.statement === undefined) {
    owner.statement = plain(unit.text)
    return absorb(owner, nested, 'open', own)
  }
  if (!isPlaceholder(plain(unit.text))) addCriterion(owner, flatten(unit), unit.lines)
  return []
}

/** The item with all that is nested in it, as one line. */
export function flatten(unit: Unit): string {
  return [plain(unit.text), ...toUnits(unit.children).map((child) => (child.kind === 'table' ? '' : flatten(child)))]
    .filter((text) => text !== '')
    .join(' ')
}
