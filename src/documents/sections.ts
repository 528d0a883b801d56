import { SpekiError } from '../errors.ts'
import { type Scan, scanMarkdown } from './markdown-scan.ts'
import { chooseSection, slugOf } from './section-lookup.ts'
import { linesOf, normalizeText } from './text.ts'

/** A heading and all below it up to the next heading of its level or above. */
export interface Section {
  /**
   * Slugs of the headings above and its own, such as `requirements/login`; `-2` and so on where one exists already.
   * The title of the document, its only level-1 heading standing first, is not part of the ids below it.
   */
  readonly id: string
  /** As written, markup included. */
  readonly title: string
  readonly level: number
  /** First and last line, counted from 1 in the normalised text, both included. */
  readonly lines: { readonly start: number; readonly end: number }
}

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
 * The text with one section, subsections included, replaced. Where the new body does not start with a heading for the
 * section (none at all, or that of a subsection) the old heading is kept. Every line outside the section stays.
 * Throws `not_found`, or `invalid_input` where several sections fit or the new body would reach beyond the section:
 * a heading above its level, a fence or comment left open.
 */
export function replaceSection(text: string, idOrTitle: string, newBody: string): string {
  const lines = linesOf(normalizeText(text))
  const scan = scanMarkdown(lines)
  const section = chooseSection(sectionsOf(lines, scan), idOrTitle)
  const heading = scan.headings.find((entry) => entry.first === section.lines.start - 1)
  const after = lines.slice(section.lines.end)
  const body = trimBlankLines(linesOf(normalizeText(newBody)))
  const bodyScan = scanMarkdown(body)
  if (after.length > 0) checkContained(section, bodyScan)

  const own = bodyScan.headings[0]
  const bringsHeading = own?.first === 0 && (own.level <= section.level || slugOf(own.title) === slugOf(section.title))
  if (bringsHeading && own.level > section.level) throw wrongLevel(section, own.level)
  const headingEnd = heading?.end ?? section.lines.start
  const old = lines.slice(headingEnd, section.lines.end)
  const written = bringsHeading
    ? body
    : [
        ...lines.slice(section.lines.start - 1, headingEnd),
        ...(body.length === 0
          ? []
          : blankLines(
              old.findIndex((line) => line.trim() !== ''),
              1,
            )),
        ...body,
      ]
  // An underlined heading takes the line above it into its title unless a blank one stands between.
  const needed = after.length > 0 && after[0]?.trimStart().startsWith('#') === false ? 1 : 0
  const trailing = lines.slice(0, section.lines.end).length - lastFilled(lines, section.lines.end)
  const gap = after.length === 0 ? [] : blankLines(trailing, needed)
  return normalizeText([...lines.slice(0, section.lines.start - 1), ...written, ...gap, ...after].join('\n'))
}

/** Titles of the headings a line (counted from 1) stands under, such as `Requirements > Login`. */
export function headingPathAt(sections: readonly Section[], line: number): string | undefined {
  const above = sections.filter((section) => section.lines.start <= line && line <= section.lines.end)
  const path = hasTitle(sections) && above.length > 1 ? above.slice(1) : above
  return path.length === 0 ? undefined : path.map((section) => section.title).join(' > ')
}
