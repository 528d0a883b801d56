import type { Place, Severity } from '../../../schemas/finding.ts'
import type { PrdKind } from '../../../schemas/prd.ts'
import type { Passage } from './passage.ts'
import type { Specification } from './specification.ts'

/** What the workspace knows beyond the text. */
export interface Surroundings {
  /** Names of registered repositories, in small letters. */
  readonly repositories: ReadonlySet<string>
  /** Repositories the document is assigned to. */
  readonly assigned: readonly string[]
  readonly banned: readonly string[]
  readonly hasParent: boolean
  /** Children hold its requirements. */
  readonly hasChildren: boolean
}

/** A place where a rule is broken. */
export interface Hit {
  readonly place: Place
  readonly message: string
  /** What could stand in the place instead, where that is certain enough to be proposed. */
  readonly instead?: string
}

export interface Rule {
  /** `family.rule`; never changes once released. */
  readonly id: string
  readonly severity: Severity
  /** All kinds where absent. */
  readonly kinds?: readonly PrdKind[]
  /** Only asked of texts with at least so many words, so that a short one gets few findings. */
  readonly fromWords?: number
  /** What it asks for, as one sentence. */
  readonly asks: string
  readonly find: (specification: Specification, surroundings: Surroundings) => readonly Hit[]
}

/** The whole line of a heading or another place, without the white space around it. */
export function wholeLine({ lines }: Pick<Specification, 'lines'>, line: number): Place {
  const text = lines[line - 1] ?? ''
  const start = text.length - text.trimStart().length
  return { line, column: start + 1, endLine: line, endColumn: Math.max(start + 1, text.trimEnd().length) + 1 }
}

/** The passage as a whole. */
export function whole(passage: Passage): Place {
  return passage.at(0, passage.text.length)
}

/** So much of a sentence is looked at on either side of a word; what stands further away says nothing about it. */
const MAX_AROUND = 500

/** The sentence of a text around an offset. */
export function sentenceAt(text: string, offset: number): string {
  const from = Math.max(0, offset - MAX_AROUND)
  const before = text.slice(from, offset)
  const start =
    Math.max(before.lastIndexOf('. '), before.lastIndexOf('; '), before.lastIndexOf('? '), before.lastIndexOf('! ')) + 1
  const after = text.slice(offset, offset + MAX_AROUND)
  const end = /[.;?!](?=\s|$)/.exec(after)
  return before.slice(start) + (end === null ? after : after.slice(0, end.index))
}
