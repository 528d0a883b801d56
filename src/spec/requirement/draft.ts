import type {
  AcceptanceCriterion,
  ExtractedRequirement,
  RequirementForm,
  SourceLines,
} from '../../../schemas/requirement.ts'
import { isCriterionLabel, mentionedLabels } from './label.ts'

/** A requirement while what belongs to it is still being read. */
export interface Draft {
  readonly label: string | undefined
  form: RequirementForm
  readonly title: string | undefined
  statement: string | undefined
  readonly section: readonly string[]
  readonly source: 'heading' | 'item' | 'paragraph' | 'table'
  start: number
  end: number
  readonly criteria: AcceptanceCriterion[]
  /** Labels it points to: criteria of a requirement that stand elsewhere, the requirement a criterion belongs to. */
  readonly refersTo: string[]
}

export function extendTo(draft: Draft, line: number): void {
  if (line > draft.end) draft.end = line
}

export function addCriterion(draft: Draft, text: string, lines: SourceLines): void {
  if (text.trim() === '') return
  draft.criteria.push({ text: text.trim(), lines: { start: lines.start, end: lines.end } })
}

function textOf(draft: Draft): string {
  return [draft.title, draft.statement].filter((part) => part !== undefined && part !== '').join(': ')
}

/** Joins what the text says in two places, gives separate criteria to the requirement they name, and drops the empty. */
export function finishDrafts(drafts: readonly Draft[]): ExtractedRequirement[] {
  const joined = handOverCriteria(
    joinRepeated(drafts.filter((draft) => textOf(draft) !== '' || draft.criteria.length > 0)),
  )
  return joined
    .map((draft) => ({
      ...(draft.label !== undefined && { label: draft.label }),
      form: draft.form,
      text: textOf(draft) === '' ? (draft.criteria[0]?.text ?? draft.label ?? '') : textOf(draft),
      section: [...draft.section],
      lines: { start: draft.start, end: Math.max(draft.start, draft.end) },
      criteria: draft.criteria,
    }))
    .sort((a, b) => a.lines.start - b.lines.start)
}

/** An overview table or list and a heading with the details make one requirement; two lists with one label stay two, as a mistake to be seen. */
function joinRepeated(drafts: readonly Draft[]): readonly Draft[] {
  const places = new Map<string, number>()
  const kept: Draft[] = []
  const known = new Map<Draft, Set<string>>()
  for (const draft of drafts) {
    const key = draft.label?.toUpperCase()
    const place = key === undefined ? undefined : places.get(key)
    const other = place === undefined ? undefined : kept[place]
    const detailed = other !== undefined && (other.source === 'heading') !== (draft.source === 'heading')
    if (place === undefined || other === undefined || !(detailed || textOf(other) === textOf(draft))) {
      if (key !== undefined && place === undefined) places.set(key, kept.length)
      kept.push(draft)
      continue
    }
    const [main, overview] = other.source === 'heading' ? [other, draft] : [draft, other]
    main.statement ??= overview.statement
    const texts = known.get(main) ?? new Set(main.criteria.map((criterion) => criterion.text))
    known.set(main, texts)
    for (const criterion of overview.criteria) if (!texts.has(criterion.text)) main.criteria.push(criterion)
    for (const criterion of overview.criteria) texts.add(criterion.text)
    for (const label of overview.refersTo) main.refersTo.push(label)
    kept[place] = main
  }
  return kept
}

/** `AC-3 (FR-001): …` in a section of its own belongs to FR-001, and so does an AC-3 that FR-001's table row lists. */
function handOverCriteria(drafts: readonly Draft[]): readonly Draft[] {
  const byLabel = new Map<string, Draft>()
  const awaited = new Map<string, Draft>()
  for (const draft of drafts) {
    if (draft.label === undefined || isCriterionLabel(draft.label)) continue
    byLabel.set(draft.label.toUpperCase(), draft)
    for (const label of draft.refersTo) awaited.set(label, draft)
  }
  return drafts.filter((draft) => {
    if (draft.label === undefined || !isCriterionLabel(draft.label)) return true
    const labels = [...draft.refersTo, ...mentionedLabels(textOf(draft))]
    const named = new Set(labels.flatMap((label) => byLabel.get(label) ?? []))
    const owner = awaited.get(draft.label.toUpperCase()) ?? (named.size === 1 ? [...named][0] : undefined)
    if (owner === undefined) return true
    addCriterion(owner, `${draft.label}: ${textOf(draft)}`, { start: draft.start, end: draft.end })
    for (const criterion of draft.criteria) owner.criteria.push(criterion)
    return false
  })
}
