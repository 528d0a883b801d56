import type { Section } from '../markdown/outline.ts'
import { bare, isPlaceholder } from '../markdown/plain-text.ts'
import type { SectionRole } from '../markdown/section-role.ts'
import type { Draft } from './draft.ts'
import { isEarsSentence } from './ears.ts'
import { scenarioTitle } from './gherkin.ts'
import { parseLabel } from './label.ts'
import { parseLeadIn } from './lead-in.ts'
import { sentencesOf } from './passage.ts'
import { toUnits } from './unit.ts'
import { isUserStory, parseStoryHeading, withoutPriority } from './user-story.ts'

type Named = Pick<Draft, 'label' | 'form' | 'title'>

/** `A.2 ` */
const LETTER_NUMBER = /^[A-Z]\.\d{1,3}(?:\.\d{1,3})*\s+/
const TITLED_STORY = /^(?:user )?story\s*:\s*(?=\S)/i
const OPENSPEC = /^requirement\s*:\s*(?=\S)/i
const NUMBERED_REQUIREMENT =
  /^((?:functional |non-functional )?requirement\s+#?\d{1,4}(?:\.\d{1,4}){0,3})(?![\p{L}\p{N}])\s*[-–—:.)]{0,2}\s*/iu
const NOUN_BEFORE_ID = /^(?:user story|story|requirement|feature|epic|use case)\s*:?\s+(?=[[(`]?[A-Z]{1,10}-?\d)/i
const NUMBER = /^\d{1,4}(?:\.\d{1,4}){0,4}[.):]?\s+/
const INTRODUCTION = /^(?:\d[\d.]*\s+)?(?:overview|introduction|summary|general|intro|about|scope|preamble)\b/i

/** The requirement a heading opens: by its form, or, among requirements, by what stands under it. */
export function headingRequirement(
  section: Section,
  role: SectionRole | undefined,
  inherited: SectionRole | undefined,
  own: ReadonlySet<string>,
): Draft | undefined {
  const heading = section.heading
  if (heading === undefined || isPlaceholder(heading.text)) return undefined
  const named =
    byForm(bare(heading.text), own) ??
    (role === undefined && inherited === 'requirements' ? byContent(section, own) : undefined)
  if (named === undefined) return undefined
  return {
    ...named,
    title: named.title === '' ? undefined : named.title,
    statement: undefined,
    section: section.above,
    source: 'heading',
    start: heading.start,
    end: heading.end,
    criteria: [],
    refersTo: [],
  }
}

function byForm(source: string, own: ReadonlySet<string>): Named | undefined {
  const text = source.replace(LETTER_NUMBER, '')
  const openspec = OPENSPEC.exec(text)
  if (openspec !== null) {
    const title = text.slice(openspec[0].length)
    const labelled = parseLabel(title)
    return labelled?.family === 'requirement'
      ? { label: labelled.label, form: 'openspec', title: labelled.rest }
      : { label: undefined, form: 'openspec', title }
  }
  const numbered = NUMBERED_REQUIREMENT.exec(text)
  if (numbered?.[1] !== undefined)
    return { label: numbered[1], form: 'explicit_id', title: text.slice(numbered[0].length) }
  const story = parseStoryHeading(text)
  if (story !== undefined) return { label: story.label, form: 'user_story', title: story.title }
  const titled = TITLED_STORY.exec(text)
  if (titled !== null && parseLabel(text.slice(titled[0].length), own) === undefined)
    return { label: undefined, form: 'user_story', title: withoutPriority(text.slice(titled[0].length)) }
  const unnumbered = text.replace(NUMBER, '')
  const noun = NOUN_BEFORE_ID.exec(unnumbered)?.[0] ?? ''
  const labelled = parseLabel(unnumbered.slice(noun.length), own)
  // `Story PARK-1: …` says itself what it is; an epic only groups.
  const saysSo = labelled?.family === 'other' && /^(?:user )?story|^requirement|^feature/i.test(noun)
  if (labelled?.family === 'requirement' || (labelled !== undefined && saysSo))
    return { label: labelled.label, form: 'explicit_id', title: withoutPriority(labelled.rest) }
  if (isUserStory(text)) return { label: undefined, form: 'user_story', title: text }
  return undefined
}

/** `### Export` among the requirements: one when it has acceptance criteria, a story, or nothing but prose under it. */
function byContent(section: Section, own: ReadonlySet<string>): Named | undefined {
  const text = bare(section.heading?.text ?? '')
  if (INTRODUCTION.test(text)) return undefined
  const number = NUMBER.exec(text)?.[0] ?? ''
  const labelled = parseLabel(text.slice(number.length))
  const title = labelled?.family === 'other' ? labelled.rest : text.slice(number.length)
  const named: Named = {
    label: labelled?.family === 'other' ? labelled.label : undefined,
    form: labelled?.family === 'other' ? 'explicit_id' : number === '' ? 'bullet' : 'numbered',
    title,
  }
  const units = toUnits(section.blocks)
  // `### F1. Wishes` among the features; a list with ids of its own is more than its details.
  const ownIds = units.some((unit) => unit.kind === 'table' || parseLabel(unit.text, own) !== undefined)
  if (labelled?.family === 'other' && units.length > 0 && !ownIds && section.sections.length === 0) return named
  const list = units.findIndex((unit) => unit.kind === 'table' || unit.marker !== 'none')
  const beforeList = units.slice(0, list === -1 ? units.length : list)
  const criteria = beforeList.some((unit) => unit.kind === 'unit' && parseLeadIn(unit)?.role === 'criteria')
  const sections = section.sections.some(
    (child) =>
      ['criteria', 'checks'].includes(child.role ?? '') || scenarioTitle(child.heading?.text ?? '') !== undefined,
  )
  const stories = beforeList.filter(
    (unit) => unit.kind === 'unit' && isUserStory(unit.text.replace(/^\W*user story\W*/i, '')),
  ).length
  if (criteria || (sections && list === -1) || stories === 1) return named
  const prose = section.sections.length === 0 && units.length > 0 && list === -1
  const single = units.every(
    (unit) =>
      unit.kind === 'unit' &&
      parseLeadIn(unit) === undefined &&
      parseLabel(unit.text, own)?.family !== 'requirement' &&
      !isPlaceholder(unit.text) &&
      !sentencesOf(unit.own).some((sentence) => isEarsSentence(sentence.text)),
  )
  return prose && stories === 0 && (single || labelled?.family === 'other') ? named : undefined
}
