import type { RequirementForm } from '../../../schemas/requirement.ts'
import type { Table } from '../markdown/markdown-block.ts'
import { isPlaceholder, plain, wordCount } from '../markdown/plain-text.ts'
import type { SectionRole } from '../markdown/section-role.ts'
import { addCriterion, type Draft } from './draft.ts'
import { isEarsSentence, isStrictEars } from './ears.ts'
import { keyRole, parseKeyed } from './keyed.ts'
import { isCriterionLabel, type Labelled, mentionedLabels, parseLabel, parseOutlineNumber } from './label.ts'
import { isMetadata, isStruck, type LeadIn, parseGroupItem, parseLeadIn } from './lead-in.ts'
import { absorb, flatten } from './owned-content.ts'
import { sentencesOf } from './passage.ts'
import { criteriaRows, requirementRows } from './requirement-table.ts'
import { groupScenarios, type Scenario } from './scenario-group.ts'
import { toUnits, type Unit } from './unit.ts'
import { isUserStory } from './user-story.ts'

/** Where content stands, and where its requirements go. */
export interface Scope {
  readonly section: readonly string[]
  readonly role: SectionRole | undefined
  /** The document has no headings to go by: its lists are taken for requirements. */
  readonly loose: boolean
  readonly drafts: Draft[]
  /** Prefixes with which the text numbers its requirements. */
  readonly own: ReadonlySet<string>
}

/** Reads content that belongs to no requirement: finds those in it, each with what follows and belongs to it. */
export function readContent(content: readonly (Unit | Table)[], scope: Scope): void {
  let role = scope.role
  /** Takes the items that follow as its criteria. */
  let owner: Draft | undefined
  /** The requirement read last, while what follows may still belong to it, and how many stand in its list. */
  let current: Draft | undefined
  let run = 0
  let sawItem = false

  const add = (draft: Draft): void => {
    scope.drafts.push(draft)
    run = draft.source === 'item' && current?.source === 'item' ? run + 1 : 1
    current = draft
  }
  const release = (): void => {
    owner = undefined
    current = undefined
    run = 0
  }
  const readInside = (draft: Draft, unit: Unit): void => {
    for (const leftover of absorb(draft, toUnits(unit.children), 'open', scope.own)) {
      readContent([leftover.content], { ...scope, role: leftover.listed ? 'requirements' : role })
    }
  }
  const enter = (leadIn: LeadIn, unit: Unit): void => {
    const before = current !== undefined && run === 1 ? current : undefined
    sawItem = false
    if (leadIn.role === 'criteria' || leadIn.role === 'checks') {
      owner = before
      role = scope.role === 'narrative' ? 'narrative' : leadIn.role
      return
    }
    release()
    if (leadIn.role === 'details') {
      role = 'narrative'
      return
    }
    role = leadIn.role ?? scope.role
    if (
      leadIn.role === undefined &&
      !leadIn.bold &&
      role !== 'narrative' &&
      !/\bfollowing\b/i.test(leadIn.title) &&
      isEarsSentence(leadIn.title)
    ) {
      add(unitDraft(unit, scope, 'ears', undefined, leadIn.title))
      owner = current
    } else if (leadIn.role === undefined && scope.loose && wordCount(leadIn.title) <= 4) role = 'narrative'
  }

  for (const part of groupScenarios(content)) {
    // What a lead-in said holds for the list below it, or for the paragraph where no list follows.
    if (part.kind === 'scenario' && !part.inList && sawItem && owner === undefined) role = scope.role
    const skipped = role === 'excluded' || role === 'questions'
    if (part.kind === 'scenario') {
      if (skipped || role === 'narrative') continue
      const to = owner ?? (current !== undefined && follows(part, current, run) ? current : undefined)
      if (to === undefined) {
        scope.drafts.push(scenarioDraft(part, scope))
        current = undefined
      } else addTo(to, part.text, part)
      continue
    }
    if (part.kind === 'table') {
      if (skipped) continue
      if (owner !== undefined)
        for (const row of criteriaRows(part)) addTo(owner, row.text, { lines: { start: row.line, end: row.line } })
      else readTable(part, scope, isListed(role, scope))
      current = undefined
      continue
    }
    const labelled = parseLabel(part.text, scope.own)
    const leadIn = labelled === undefined && !isUserStory(part.text) ? parseLeadIn(part) : undefined
    if (leadIn !== undefined) {
      enter(leadIn, part)
      continue
    }
    if (part.marker === 'none' && sawItem) {
      role = scope.role
      owner = undefined
    }
    if (part.marker !== 'none') sawItem = true
    if (role === 'excluded' || role === 'questions' || isStruck(part.text)) continue
    const listed = isListed(role, scope)

    if (labelled !== undefined && defines(labelled, listed, owner)) {
      if (part.marker === 'none' || labelled.family === 'requirement') owner = undefined
      const draft = {
        ...unitDraft(part, scope, 'explicit_id', labelled.label, labelled.rest),
        refersTo: [...mentionedLabels(labelled.aside)],
      }
      if (isPlaceholder(labelled.rest) && (labelled.rest !== '' || part.children.length === 0)) continue
      add(draft)
      readInside(draft, part)
      continue
    }
    const keyed = parseKeyed(part.text)
    const key = keyed === undefined ? undefined : keyRole(keyed.key)
    if (keyed !== undefined && key === 'criteria' && (current !== undefined || owner !== undefined)) {
      const to = owner ?? current
      if (to === undefined) continue
      addTo(to, keyed.value, part)
      for (const leftover of absorb(to, toUnits(part.children), 'criteria', scope.own))
        readContent([leftover.content], { ...scope, role })
      owner = part.marker === 'none' ? to : owner
      continue
    }
    if (isMetadata(part.text)) continue
    const text = keyed !== undefined && key === 'statement' ? keyed.value : plain(part.text)

    if (role !== 'narrative' && isUserStory(text) && owner === undefined) {
      const draft = unitDraft(part, scope, 'user_story', undefined, text)
      add(draft)
      readInside(draft, part)
      continue
    }
    const following =
      part.marker !== 'none' &&
      current?.source === 'paragraph' &&
      (current.form === 'explicit_id' || current.form === 'user_story')
    const taker = owner ?? (following ? current : undefined)
    if (taker !== undefined) {
      addTo(taker, flatten(part), part)
      continue
    }
    if (role === 'narrative') {
      readContent(toUnits(part.children), { ...scope, role })
      continue
    }
    if (part.marker === 'none') {
      current = undefined
      const found = sentencesOf(part.own).filter((sentence) => isEarsSentence(sentence.text))
      for (const sentence of found)
        add({ ...unitDraft(part, scope, 'ears', undefined, statementOf(sentence.text)), ...sentence.lines })
      if (found.length === 0 && role === 'expected' && !isPlaceholder(text))
        add(unitDraft(part, scope, 'bullet', undefined, text))
      continue
    }
    const group = parseGroupItem(part)
    // `1. **Resume**` with its details is one; `- **Resume**` groups what is nested in it.
    const named = part.marker === 'number' && group?.bold === true && group.role === undefined
    if (group !== undefined && !named && (group.bold || group.role !== undefined || wordCount(group.title) <= 3)) {
      const nested = toUnits(part.children)
      if (group.role === 'criteria' && current !== undefined) absorb(current, nested, 'criteria', scope.own)
      else readContent(nested, { ...scope, role: group.role ?? role })
      continue
    }
    const ears = sentencesOf(part.own).some((sentence) => isEarsSentence(sentence.text))
    if (!ears && !listed) {
      current = undefined
      readContent(toUnits(part.children), { ...scope, role })
      continue
    }
    if (isPlaceholder(text)) continue
    const outline = parseOutlineNumber(text)
    const label = part.ordinal?.includes('.') === true ? part.ordinal : outline?.label
    const draft = unitDraft(part, scope, itemForm(part, listed), label, outline?.rest ?? text)
    add(draft)
    readInside(draft, part)
  }
}

/** Without the `Statement:` some put in front. */
function statementOf(sentence: string): string {
  const keyed = parseKeyed(sentence)
  return keyed !== undefined && keyRole(keyed.key) === 'statement' ? keyed.value : plain(sentence)
}

function isListed(role: SectionRole | undefined, scope: Scope): boolean {
  return role === 'requirements' || role === 'criteria' || role === 'expected' || (scope.loose && role === undefined)
}

function defines(labelled: Labelled, listed: boolean, owner: Draft | undefined): boolean {
  if (labelled.family === 'requirement') return true
  if (!listed || owner !== undefined) return false
  return labelled.family === 'other' || isCriterionLabel(labelled.label)
}

/** Steps written as a paragraph follow a lone requirement; steps in a list follow the item above them. */
function follows(scenario: Scenario, current: Draft, run: number): boolean {
  if (!scenario.inList) return run === 1
  return current.source !== 'item' || !scenario.inline
}

function itemForm(unit: Unit, listed: boolean): RequirementForm {
  if (unit.marker === 'checkbox') return 'checklist'
  if (!listed || isStrictEars(unit.text)) return 'ears'
  return unit.marker === 'number' ? 'numbered' : 'bullet'
}

function addTo(draft: Draft, text: string, part: Pick<Unit, 'lines'>): void {
  addCriterion(draft, text, part.lines)
  draft.end = Math.max(draft.end, part.lines.end)
}

function unitDraft(
  unit: Unit,
  scope: Scope,
  form: RequirementForm,
  label: string | undefined,
  statement: string,
): Draft {
  return {
    label,
    form,
    title: undefined,
    statement: statement === '' ? undefined : statement,
    section: scope.section,
    source: unit.marker === 'none' ? 'paragraph' : 'item',
    start: unit.lines.start,
    end: unit.own.at(-1)?.line ?? unit.lines.start,
    criteria: [],
    refersTo: [],
  }
}

function scenarioDraft(scenario: Scenario, scope: Scope): Draft {
  return {
    label: undefined,
    form: 'gherkin',
    title: undefined,
    statement: scenario.title ?? scenario.text,
    section: scope.section,
    source: 'item',
    start: scenario.lines.start,
    end: scenario.lines.end,
    criteria: [{ text: scenario.text, lines: scenario.lines }],
    refersTo: [],
  }
}

function readTable(table: Table, scope: Scope, listed: boolean): void {
  for (const row of requirementRows(table, listed, scope.own)) {
    const lines = { start: row.line, end: row.line }
    scope.drafts.push({
      label: row.label,
      form: row.label !== undefined ? 'explicit_id' : row.isStory ? 'user_story' : 'table',
      title: row.title,
      statement: row.statement,
      section: scope.section,
      source: 'table',
      ...lines,
      criteria: row.criteria.map((text) => ({ text, lines })),
      refersTo: [...row.refersTo],
    })
  }
}
