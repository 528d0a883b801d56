import { coherenceDefects } from './coherence.ts'
import { contentDefects } from './content.ts'
import type { PlantedDefect } from './defect.ts'
import { referenceDefects } from './reference.ts'
import { sizeDefects } from './size.ts'
import { structureDefects } from './structure.ts'
import { substanceDefects } from './substance.ts'
import { wordingDefects } from './wording.ts'

/** Every defect the rules are measured by. `wording.banned` is absent: it depends on the words of a workspace, not on a text. */
export const plantedDefects: readonly PlantedDefect[] = [
  ...structureDefects,
  ...contentDefects,
  ...substanceDefects,
  ...wordingDefects,
  ...coherenceDefects,
  ...referenceDefects,
  ...sizeDefects,
]
