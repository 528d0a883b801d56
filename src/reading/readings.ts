import type { PrdKind } from '../../schemas/prd.ts'
import type { Extraction } from '../../schemas/requirement.ts'
import { type Edit, editText } from '../documents/edit-text.ts'
import { merge3 } from '../documents/merge.ts'
import { getSection, listSections } from '../documents/sections.ts'
import { checkText } from '../spec/check/check-text.ts'
import { readSpecification } from '../spec/check/specification.ts'
import { type Contract, contractsOf } from '../spec/contracts.ts'
import { extractRequirements } from '../spec/requirement/extract.ts'
import { cutSplit } from '../spec/split/cut.ts'
import { measureSize } from '../spec/split/measure.ts'
import type { SplitProposal } from '../spec/split/proposal.ts'
import { proposeSplit } from '../spec/split/propose.ts'
import type { Step } from '../step.ts'
import { apart } from './read-apart.ts'

export const extraction = apart('extract', ({ text }: { readonly text: string }) => extractRequirements(text))

export const check = apart('check', checkText)

export interface TextToSplit {
  readonly text: string
  readonly kind: PrdKind
  /** Whether a text that is not too big gets a proposal as well. */
  readonly always: boolean
}

export const splitting = apart('split', ({ text, kind, always }: TextToSplit): SplitProposal | undefined =>
  always || measureSize(readSpecification(text, kind)).oversized ? proposeSplit(text) : undefined,
)

export interface TextToCut {
  readonly text: string
  readonly title: string
  readonly proposal: SplitProposal
  readonly parentKey: string
  /** One for each child of the proposal. */
  readonly childKeys: readonly string[]
}

export const cutting = apart('cut', ({ text, title, proposal, parentKey, childKeys }: TextToCut) =>
  cutSplit(text, title, proposal, (place) => childKeys[place] ?? parentKey),
)

/** What a plan is drafted from. */
export interface PlanText {
  readonly extraction: Extraction
  readonly contracts: readonly Contract[]
  readonly constraints: readonly { readonly line: number; readonly raw: string }[]
}

export const planText = apart(
  'plan_text',
  ({ text, kind }: { readonly text: string; readonly kind: PrdKind }): PlanText => {
    const specification = readSpecification(text, kind)
    return {
      extraction: specification.extraction,
      contracts: contractsOf(specification),
      constraints: specification.of('constraints').map(({ line, raw }) => ({ line, raw })),
    }
  },
)

/** The sections of a text, and the text of the one that is asked for. */
export const sections = apart(
  'sections',
  ({ text, section }: { readonly text: string; readonly section: string | undefined }) => ({
    list: listSections(text),
    body: section === undefined ? undefined : getSection(text, section),
  }),
)

export interface TextToEdit {
  readonly base: string
  readonly edit: Edit
  /** The text that holds now. */
  readonly theirs: string
  /** How to read the base. */
  readonly reading: Step
}

export const editing = apart(
  'edit',
  ({ base, edit, theirs, reading }: TextToEdit) => editText(base, edit, theirs, reading),
  ({ base, theirs }) => base.length + theirs.length,
)

export const merging = apart(
  'merge',
  ({ base, mine, theirs }: { readonly base: string; readonly mine: string; readonly theirs: string }) =>
    merge3(base, mine, theirs),
  ({ base, mine, theirs }) => base.length + mine.length + theirs.length,
)
