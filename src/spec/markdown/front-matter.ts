import type { Document } from 'yaml'
import { readYaml, type YamlFault, type YamlReading } from './yaml.ts'

/** What a text says about itself above its first line. */
export interface FrontMatter {
  readonly values: Readonly<Record<string, unknown>>
  /** Lines it takes, both rules included; 0 where the text has none. */
  readonly length: number
  /** As YAML; undefined where there is none, or a fault in it. */
  readonly document?: Document
  /** What is wrong with it, lines counted from 1 in the whole text; `values` are empty then. */
  readonly fault?: YamlFault
}

const NONE: FrontMatter = { values: {}, length: 0 }

/** It says what the text is; longer, it would be the text, and its YAML costs more than all the rest. */
const MAX_CHARACTERS = 64 * 1024
/** A field as people write them at the left margin. */
const FIELD = /^(?:"[^"]{1,80}"|'[^']{1,80}'|[\p{L}_$][^:#]{0,80}):(?:\s|$)/u
/** What may stand at the left margin beside fields: nothing, comments, lists, closing brackets, white space before more. */
const AROUND = /^(?:$|[\s#\]})]|-\s|-$)/
/** `FR-1` is the id of a requirement, and no field. */
const REQUIREMENT_ID = /^[A-Z][A-Za-z]{0,9}(?:[-_ .][A-Za-z]{1,10}){0,3}[-_ ]?\d/
/** A name that nobody takes for the start of a sentence. */
const SMALL_NAME = /^[\p{Ll}_$][\p{L}\p{N}_$.-]*$/u

/** Whether a line opens front matter, or is the rule it looks like. */
export function isRule(line: string | undefined): boolean {
  return line !== undefined && /^\uFEFF?---\s*$/.test(line)
}

/**
 * Reads the block between `---` on the first line and the next `---` or `...`. It is front matter only if it reads as a
 * mapping of fields: a rule with prose, a heading, a list or requirements under it is text. Where the fields begin right
 * under the rule and something is wrong with one of them, it is front matter with a fault. `mend` makes YAML of what a
 * tool writes that is none.
 */
export function readFrontMatter(lines: readonly string[], mend = (source: string): string => source): FrontMatter {
  if (!isRule(lines[0])) return NONE
  const direct = FIELD.test(lines[1] ?? '')
  // Prose is told apart here, without a search for an end that long texts may not have.
  if (!direct && !FIELD.test(lines.find((line, at) => at > 0 && !/^\s*(?:#.*)?$/.test(line)) ?? '')) return NONE
  const close = lines.findIndex((line, at) => at > 0 && /^(?:---|\.\.\.)\s*$/.test(line))
  if (close === -1) {
    const fault = { says: 'the front matter does not end', hint: 'Close it with a line of three dashes.', line: 1 }
    return direct ? { ...NONE, fault } : NONE
  }
  const between = lines.slice(1, close)
  const reading = readOnce(mend(between.join('\n')))
  if (reading.fault !== undefined) {
    if (!direct || !between.every(mayStandIn)) return NONE
    const { line, ...fault } = reading.fault
    return { values: {}, length: close + 1, fault: { ...fault, ...(line !== undefined && { line: line + 1 }) } }
  }
  const { values, document } = reading
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return NONE
  const names = Object.keys(values)
  const areFields = names.every((name) => !REQUIREMENT_ID.test(name) && (direct || SMALL_NAME.test(name)))
  return names.length > 0 && areFields ? { values: { ...values }, length: close + 1, document } : NONE
}

/** The YAML read last: what reads one text in several ways asks for the same several times. */
let last: { readonly source: string; readonly reading: YamlReading } | undefined

function readOnce(source: string): YamlReading {
  if (last?.source !== source) last = { source, reading: readYaml(source, MAX_CHARACTERS) }
  return last.reading
}

/** In front matter with a fault, where no parser tells. */
function mayStandIn(line: string): boolean {
  return AROUND.test(line) || (FIELD.test(line) && !REQUIREMENT_ID.test(line))
}
