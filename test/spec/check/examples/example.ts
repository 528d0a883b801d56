import type { PrdKind } from '../../../../schemas/prd.ts'
import type { Surroundings } from '../../../../src/spec/check/rule.ts'

/** Texts in which a rule must find something, and texts in which it must not. */
export interface RuleExamples {
  readonly rule: string
  /** Kind of document; the rule's first kind by default. */
  readonly kind?: PrdKind
  /** So many neutral words are added, for rules that spare short texts. */
  readonly words?: number
  readonly around?: Partial<Surroundings>
  readonly finds: readonly string[]
  readonly passes: readonly string[]
}

/** Prose that no rule has anything to say about. */
export function padding(words: number): string {
  const sentence = 'The clerk takes the next sheet from the tray and puts it on the left pile.'
  const count = Math.ceil(words / sentence.split(' ').length)
  return words === 0 ? '' : `\n\n## Notes\n\n${Array.from({ length: count }, () => sentence).join('\n')}\n`
}

/** A requirement section with these lines. */
export function requirements(...lines: readonly string[]): string {
  return `# Title\n\n## Requirements\n\n${lines.join('\n')}\n`
}

/** One requirement with its statement and criteria. */
export function requirement(statement: string, ...criteria: readonly string[]): string {
  return `# Title\n\n## Requirements\n\n### FR-001: Name\n\n${statement}\n\nAcceptance criteria:\n${criteria.map((criterion) => `- ${criterion}`).join('\n')}\n`
}

export function section(title: string, body: string): string {
  return `# Title\n\n## ${title}\n\n${body}\n`
}
