import { SpekiError } from '../errors.ts'
import { scanMarkdown } from '../spec/markdown/markdown-scan.ts'
import type { Scan } from '../spec/markdown/scanned-line.ts'
import { chooseSection, type Section, slugOf } from '../spec/markdown/section-lookup.ts'
import { linesOf, normalizeText } from './text.ts'

/** Sections in order of their headings; a subsection follows the section that holds it. */
export function listSections(text: string): Section[] {
  const lines = linesOf(normalizeText(text))
  return sectionsOf(lines, scanMarkdown(lines))
}

/** Text of a section, heading and subsections included. Errors as of `replaceSection`. */
export function getSection(text: string, idOrTitle: string): string {
  const lines = linesOf(normalizeText(text))
  const section = chooseSection(sectionsOf(lines, scanMarkdown(lines)), idOrTitle)
  return normalizeText(lines.slice(section.lines.start - 1, section.lines.end).join('\n'))
}

/**
 * The text with one section, subsections included, replaced. The new body may start with the section's heading (also
 * with a new title); where it starts with anything else, a subsection's heading included, the old heading is kept.
 * Every line outside the section stays. Throws `not_found`, or `invalid_input` where several sections fit or the new
 * body would reach beyond the section: a heading above its level, a fence or comment left open.
 */
export function replaceSection(text: string, idOrTitle: string, newBody: string): string {
  const lines = linesOf(normalizeText(text))
  const scan = scanMarkdown(lines)
  const section = chooseSection(sectionsOf(lines, scan), idOrTitle)
  const start = section.lines.start - 1
  const headingEnd = scan.headings.find((heading) => heading.first === start)?.end ?? start + 1
  const old = lines.slice(headingEnd, section.lines.end)
  const after = lines.slice(section.lines.end)

  let body = trimBlankLines(linesOf(normalizeText(newBody)))
  const first = scanMarkdown(body).headings.find((heading) => heading.first === 0)
  const bringsHeading = first?.level === section.level
  // The same title at another level is a slip of the author's, not a wish to move the section.
  if (first !== undefined && !bringsHeading && slugOf(first.title) === slugOf(section.title)) {
    body = trimBlankLines(body.slice(first.end))
  }
  checkContained(section, scanMarkdown(body), after.length > 0)

  const oldFilled = trimBlankLines(old).length > 0
  const blanksBefore = oldFilled ? old.findIndex((line) => line.trim() !== '') : 1
  const heading = bringsHeading
    ? []
    : [...lines.slice(start, headingEnd), ...blankLines(body.length > 0 ? blanksBefore : 0)]
  const blanksAfter = after.length === 0 ? 0 : old.length - old.findLastIndex((line) => line.trim() !== '') - 1
  const assemble = (gap: number): readonly string[] => [
    ...lines.slice(0, start),
    ...heading,
    ...body,
    ...blankLines(gap),
    ...after,
  ]
  const result = assemble(blanksAfter)
  // An underlined heading takes a paragraph directly above it into its title; a blank line keeps them apart.
  const apart = after.length === 0 || startsAt(scanMarkdown(result), result.length - after.length)
  return normalizeText((apart ? result : assemble(1)).join('\n'))
}

function startsAt(scan: Scan, line: number): boolean {
  return scan.headings.some((heading) => heading.first === line)
}

/** Gives the titles of the headings that a line (counted from 1) stands under, such as `Requirements > Login`; lines in ascending order. */
export function headingPaths(sections: readonly Section[]): (line: number) => string | undefined {
  const titled = hasTitle(sections)
  let open: Section[] = []
  let next = 0
  return (line) => {
    for (let section = sections[next]; section !== undefined && section.lines.start <= line; section = sections[++next])
      open = [...open.filter(({ lines }) => lines.end >= section.lines.start), section]
    const above = open.filter(({ lines }) => lines.end >= line)
    const path = titled && above.length > 1 ? above.slice(1) : above
    return path.length === 0 ? undefined : path.map(({ title }) => title).join(' > ')
  }
}

function sectionsOf(lines: readonly string[], scan: Scan): Section[] {
  const titled = hasTitle(scan.headings)
  const used = new Map<string, number>()
  const open: { readonly level: number; readonly id: string }[] = []
  return scan.headings.map((heading, index) => {
    while ((open.at(-1)?.level ?? 0) >= heading.level) open.pop()
    const parent = open.at(-1)?.id
    const slug = slugOf(heading.title)
    const id = unusedId(parent === undefined ? slug : `${parent}/${slug}`, used)
    if (index > 0 || !titled) open.push({ level: heading.level, id })
    // At most six levels, so that looking ahead costs each heading six visits in all.
    let next = index + 1
    while ((scan.headings[next]?.level ?? 0) > heading.level) next++
    const end = scan.headings[next]?.first ?? lines.length
    return { id, title: heading.title, level: heading.level, lines: { start: heading.first + 1, end } }
  })
}

function hasTitle(headings: readonly { readonly level: number }[]): boolean {
  return (
    headings.findIndex((heading) => heading.level === 1) === 0 &&
    headings.findLastIndex((heading) => heading.level === 1) === 0
  )
}

/** `used` counts how often an id was asked for. */
function unusedId(id: string, used: Map<string, number>): string {
  let count = (used.get(id) ?? 0) + 1
  let candidate = count === 1 ? id : `${id}-${count}`
  while (count > 1 && used.has(candidate)) {
    count++
    candidate = `${id}-${count}`
  }
  used.set(id, count)
  if (candidate !== id) used.set(candidate, 1)
  return candidate
}

function checkContained(section: Section, body: Scan, followed: boolean): void {
  const above = body.headings.find((heading) => heading.level < section.level)
  if (above !== undefined) {
    const mark = '#'.repeat(section.level)
    throw new SpekiError(
      'invalid_input',
      `The new text of "${section.id}" has the heading "${above.title}" of level ${above.level}, above the section's own level ${section.level}.`,
      {
        hint: `Start the section's heading with ${mark} and those below it with more, or edit the section that holds it.`,
      },
    )
  }
  if (followed && body.unclosed !== undefined) {
    throw new SpekiError(
      'invalid_input',
      `The new text of "${section.id}" opens a ${body.unclosed} and does not close it; what follows would become part of it.`,
      { hint: 'Close it and send the text again.' },
    )
  }
}

function trimBlankLines(lines: readonly string[]): readonly string[] {
  const filled = (line: string): boolean => line.trim() !== ''
  const first = lines.findIndex(filled)
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex(filled) + 1)
}

function blankLines(count: number): string[] {
  return new Array<string>(count).fill('')
}
