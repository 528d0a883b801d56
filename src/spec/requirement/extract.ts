import type { ExtractedRequirement, Extraction } from '../../../schemas/requirement.ts'
import { endOf } from '../markdown/markdown-block.ts'
import { type Outline, pathOf, readOutline, type Section } from '../markdown/outline.ts'
import type { SectionRole } from '../markdown/section-role.ts'
import { readContent, type Scope } from './content-reader.ts'
import { addCriterion, type Draft, extendTo, finishDrafts } from './draft.ts'
import { scenarioTitle } from './gherkin.ts'
import { headingRequirement } from './heading-requirement.ts'
import { ownFamilies } from './own-families.ts'
import { absorb, flatten, type OwnedRegion } from './owned-content.ts'
import { readQuestions } from './questions.ts'
import { groupScenarios } from './scenario-group.ts'
import { toUnits } from './unit.ts'

interface Place {
  /** What the headings above say. */
  readonly role: SectionRole | undefined
  /** The requirement whose heading stands above, and how its subsections are read. */
  readonly owner: Draft | undefined
  readonly region: OwnedRegion
  /** Number of requirements read before the parent section began; undefined where it is the document. */
  readonly siblingsFrom: number
  readonly atTop: boolean
}

/**
 * Reads the requirements, open questions and front matter of a Markdown text. Pure; any string is fine and none throws.
 * Lines count from 1 in the text as given, front matter and all.
 */
export function extractRequirements(text: string): Extraction {
  return extractFrom(readOutline(text))
}

/** The same for a text whose outline was read already. */
export function extractFrom({ root, frontMatter, title }: Outline): Extraction {
  const drafts: Draft[] = []
  const only = onlyTitle(root)
  const loose = root.sections.length === 0 || only !== undefined
  visit(
    root,
    { role: undefined, owner: undefined, region: 'open', siblingsFrom: 0, atTop: true },
    { drafts, loose, own: ownFamilies(root) },
  )
  const requirements: ExtractedRequirement[] = finishDrafts(drafts)
  return { requirements, questions: readQuestions(root), frontMatter, ...(title !== undefined && { title }) }
}

/** The one heading of a text that has no other. */
function onlyTitle(root: Section): Section | undefined {
  const [first, ...others] = root.sections
  return others.length === 0 && first?.heading?.level === 1 && first.sections.length === 0 ? first : undefined
}

interface Reading {
  readonly drafts: Draft[]
  readonly loose: boolean
  /** Prefixes with which the text numbers its requirements. */
  readonly own: ReadonlySet<string>
}

function visit(section: Section, place: Place, reading: Reading): void {
  const { drafts } = reading
  const isTitle = section.heading?.level === 1 && section.sections.length > 0 && place.atTop
  const own = isTitle ? undefined : section.role
  const fixed = place.role === 'excluded' || place.role === 'questions'
  const draft = fixed || isTitle ? undefined : headingRequirement(section, own, place.role, reading.own)
  if (draft !== undefined) {
    drafts.push(draft)
    readOwned(section, draft, 'open', place.role, reading)
    return
  }
  const scenario = fixed || section.heading === undefined ? undefined : headingScenario(section.heading.text)
  if (scenario !== undefined && own !== 'excluded') {
    readScenarioSection(section, scenario, place, reading)
    return
  }
  const role = fixed
    ? place.role
    : own === undefined || (own === 'details' && place.owner === undefined)
      ? place.role
      : own
  if (place.owner !== undefined && own !== 'requirements') {
    const region = regionUnder(own, place.region)
    if (region !== 'skip') extendTo(place.owner, section.heading?.end ?? 1)
    readOwned(section, place.owner, region, role, reading)
    return
  }
  const sibling = own === 'criteria' || own === 'checks' ? loneSibling(drafts, place) : undefined
  if (sibling !== undefined) {
    readOwned(section, sibling, 'criteria', role, reading)
    return
  }
  const siblingsFrom = drafts.length
  const scope: Scope = { section: pathOf(section), role, loose: reading.loose, drafts, own: reading.own }
  if (role !== 'excluded' && role !== 'questions') readContent(toUnits(section.blocks), scope)
  for (const child of section.sections) {
    visit(
      child,
      { role, owner: undefined, region: 'open', siblingsFrom, atTop: section.heading === undefined || isTitle },
      reading,
    )
  }
}

/** Steps make an example of anything, a heading alone makes none. */
function headingScenario(text: string): string | undefined {
  return /^\W*scenario/i.test(text) ? scenarioTitle(text) : undefined
}

function regionUnder(own: SectionRole | undefined, above: OwnedRegion): OwnedRegion {
  if (own === 'criteria' || own === 'checks' || own === 'expected') return 'criteria'
  if (own !== undefined || above === 'skip') return 'skip'
  return above === 'criteria' ? 'criteria' : 'scenarios'
}

/** Content and subsections of a requirement; what is a requirement itself is read as one. */
function readOwned(
  section: Section,
  owner: Draft,
  region: OwnedRegion,
  role: SectionRole | undefined,
  reading: Reading,
): void {
  const scope: Scope = { section: pathOf(section), role, loose: false, drafts: reading.drafts, own: reading.own }
  for (const leftover of absorb(owner, toUnits(section.blocks), region, reading.own)) {
    readContent([leftover.content], { ...scope, role: leftover.listed ? 'requirements' : role })
  }
  const siblingsFrom = reading.drafts.length
  for (const child of section.sections) visit(child, { role, owner, region, siblingsFrom, atTop: false }, reading)
}

/** `## Acceptance criteria` behind a single requirement speaks of that one; behind a whole document only of its single story. */
function loneSibling(drafts: readonly Draft[], place: Place): Draft | undefined {
  const lone = drafts.length - place.siblingsFrom === 1 ? drafts.at(-1) : undefined
  return lone !== undefined && (!place.atTop || lone.form === 'user_story') ? lone : undefined
}

function readScenarioSection(section: Section, title: string, place: Place, reading: Reading): void {
  const heading = section.heading
  if (heading === undefined) return
  const content = groupScenarios(toUnits(section.blocks))
  const steps = content.flatMap((part) =>
    part.kind === 'table' ? [] : [part.kind === 'scenario' ? part.text : flatten(part)],
  )
  const last = section.blocks.at(-1)
  const lines = { start: heading.start, end: last === undefined ? heading.end : endOf(last) }
  const text = [title, steps.join(' ')].filter((part) => part !== '').join(': ')
  if (place.owner !== undefined) {
    if (place.region !== 'skip') addCriterion(place.owner, text, lines)
    extendTo(place.owner, lines.end)
  } else if (place.role !== 'narrative') {
    reading.drafts.push({
      label: undefined,
      form: 'gherkin',
      title: undefined,
      statement: title === '' ? text : title,
      section: section.above,
      source: 'heading',
      ...lines,
      criteria: text === '' ? [] : [{ text, lines }],
      refersTo: [],
    })
  }
  for (const child of section.sections) visit(child, { ...place, atTop: false }, reading)
}
