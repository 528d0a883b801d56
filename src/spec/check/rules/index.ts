import type { Rule } from '../rule.ts'
import { coherenceRules } from './coherence.ts'
import { contractRules } from './contracts.ts'
import { flowRules } from './flows.ts'
import { outcomeRules } from './outcomes.ts'
import { planningRules } from './planning.ts'
import { referenceRules } from './references.ts'
import { requirementRules } from './requirements.ts'
import { structureRules } from './structure.ts'
import { wordingRules } from './wording.ts'

/** Every rule; of two findings in one place the earlier rule's comes first. */
export const rules: readonly Rule[] = [
  ...structureRules,
  ...planningRules,
  ...coherenceRules,
  ...referenceRules,
  ...requirementRules,
  ...outcomeRules,
  ...flowRules,
  ...contractRules,
  ...wordingRules,
]
