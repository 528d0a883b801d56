import type { SourceLines } from '../../../schemas/requirement.ts'

/** A document that a part of the text goes into. */
export interface SplitPart {
  readonly title: string
  readonly reason: string
  /** In ascending order, not overlapping with those of any other part. */
  readonly lines: readonly SourceLines[]
  readonly requirements: number
}

/** Which lines go where; what no child takes stays in the parent. */
export interface SplitProposal {
  readonly reason: string
  readonly children: readonly SplitPart[]
}
