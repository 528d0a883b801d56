import type { PrdKind } from '../../schemas/prd.ts'
import { checkText } from '../spec/check/check-text.ts'
import { readSpecification } from '../spec/check/specification.ts'
import { extractRequirements } from '../spec/requirement/extract.ts'
import { measureSize } from '../spec/split/measure.ts'
import { proposeSplit, type SplitProposal } from '../spec/split/propose.ts'

export interface TextToSplit {
  readonly text: string
  readonly kind: PrdKind
  /** Whether a proposal is wanted for a text that is not too big as well. */
  readonly always: boolean
}

/** What a thread of its own can do with a text: what goes in and what comes out is data that threads can hand over. */
export const readings = {
  extract: ({ text }: { readonly text: string }) => extractRequirements(text),
  check: checkText,
  split: ({ text, kind, always }: TextToSplit): SplitProposal | undefined =>
    always || measureSize(readSpecification(text, kind)).oversized ? proposeSplit(text) : undefined,
}
