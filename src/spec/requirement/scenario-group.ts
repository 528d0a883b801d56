import type { SourceLines } from '../../../schemas/requirement.ts'
import type { Table } from '../markdown/markdown-block.ts'
import { plain } from '../markdown/plain-text.ts'
import { isEarsSentence } from './ears.ts'
import { isInlineScenario, joinSteps, opensFrame, scenarioTitle, stepKeyword } from './gherkin.ts'
import { toUnits, type Unit } from './unit.ts'

/** Given/When/Then that belong together. */
export interface Scenario {
  readonly kind: 'scenario'
  readonly title: string | undefined
  /** Title and steps in one line. */
  readonly text: string
  readonly lines: SourceLines
  /** Its steps are list items. */
  readonly inList: boolean
  /** All steps in one item or sentence. */
  readonly inline: boolean
}

export type Content = Unit | Table | Scenario

interface Group {
  readonly title: string | undefined
  /** Steps before the scenarios of a feature: read, and dropped. */
  readonly frame: boolean
  readonly units: Unit[]
  readonly steps: string[]
  readonly keywords: Set<string>
}

/** Collects runs of steps, with the `Scenario:` line above them, into scenarios; all else passes in order. */
export function groupScenarios(content: readonly (Unit | Table)[]): readonly Content[] {
  const result: Content[] = []
  let group: Group | undefined

  const close = (): void => {
    if (group !== undefined) for (const part of closed(group)) result.push(part)
    group = undefined
  }

  for (const unit of content) {
    if (unit.kind === 'table') {
      // An examples table is part of its scenario outline.
      const belongs = group?.title !== undefined
      if (group !== undefined && belongs) group = extended(group, unit)
      close()
      if (!belongs) result.push(unit)
      continue
    }
    const title = scenarioTitle(unit.text)
    if (title !== undefined || (unit.marker === 'none' && opensFrame(unit.text))) {
      close()
      const nested = stepsWithin(unit)
      group = {
        title,
        frame: title === undefined,
        units: [unit],
        steps: nested,
        keywords: new Set(nested.map(keywordOf)),
      }
      if (title === undefined && nested.length === 0 && /^\W*(?:feature|rule|ability)/i.test(unit.text))
        group = undefined
      continue
    }
    const keyword = stepKeyword(unit.text)
    const inline = isInlineScenario(unit.text)
    const open = group
    const finishes = open !== undefined && !open.keywords.has('then') && (keyword === 'when' || open.steps.length === 0)
    if (inline && !finishes) {
      close()
      const text = joinSteps([plain(unit.text), ...stepsWithin(unit)])
      result.push({
        kind: 'scenario',
        title: undefined,
        text,
        lines: unit.lines,
        inList: unit.marker !== 'none',
        inline: true,
      })
      continue
    }
    const continues = open !== undefined && (keyword !== undefined || /^(?:\||examples\s*:)/i.test(unit.text))
    const restarts = keyword === 'given' || (keyword === 'when' && (open === undefined || open.keywords.has('then')))
    if (continues && !(restarts && open.keywords.has('then'))) {
      addTo(open, unit, keyword)
      continue
    }
    close()
    if (keyword !== undefined && restarts && !(keyword === 'when' && isEarsSentence(unit.text))) {
      group = { title: undefined, frame: false, units: [], steps: [], keywords: new Set() }
      addTo(group, unit, keyword)
      continue
    }
    result.push(unit)
  }
  close()
  return result
}

function addTo(group: Group, unit: Unit, keyword: string | undefined): void {
  group.units.push(unit)
  const nested = stepsWithin(unit)
  if (keyword !== undefined) for (const step of [plain(unit.text), ...nested]) group.steps.push(step)
  if (keyword !== undefined) group.keywords.add(keyword)
  if (isInlineScenario(unit.text)) group.keywords.add('then')
  for (const step of nested) group.keywords.add(keywordOf(step))
}

function extended(group: Group, table: Table): Group {
  const own = [table.header, ...table.rows].map((row) => ({ text: row.cells.join(' | '), line: row.line }))
  const lines = { start: table.header.line, end: own.at(-1)?.line ?? table.header.line }
  const unit: Unit = { kind: 'unit', marker: 'none', checked: false, own, text: '', children: [], lines }
  return { ...group, units: [...group.units, unit] }
}

function closed(group: Group): readonly Content[] {
  const complete = group.keywords.has('then') && (group.keywords.has('given') || group.keywords.has('when'))
  if (group.frame) return []
  if (!complete && !(group.title !== undefined && group.steps.length > 0)) {
    // A scenario line without steps still says something where it stands; loose steps are plain text again.
    return group.units
  }
  const steps = joinSteps(group.steps)
  const lines = { start: group.units[0]?.lines.start ?? 1, end: group.units.at(-1)?.lines.end ?? 1 }
  const title = group.title === '' ? undefined : group.title
  return [
    {
      kind: 'scenario',
      title,
      text: title === undefined ? steps : `${title}: ${steps}`,
      lines,
      inList: group.units.at(-1)?.marker !== 'none',
      inline: false,
    },
  ]
}

function keywordOf(step: string): string {
  return stepKeyword(step) ?? 'and'
}

/** Steps nested under a unit, in order, at any depth. */
function stepsWithin(unit: Unit): string[] {
  return toUnits(unit.children).flatMap((child) =>
    child.kind === 'table' ? [] : [plain(child.text), ...stepsWithin(child)],
  )
}
