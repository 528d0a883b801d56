import { prdKey, taskKey } from '../../schemas/key.ts'
import type { TaskStatus } from '../../schemas/task.ts'

/** What both sides changed of a PRD or task; what is here stays. */
export type Conflict = { readonly noun: 'prd' | 'task'; readonly id: number } & (
  | { readonly kind: 'field'; readonly field: string }
  | { readonly kind: 'text'; readonly places: readonly string[] }
  | { readonly kind: 'unknown_base' }
  | { readonly kind: 'claimed'; readonly status: TaskStatus }
)

/** A conflict as a sentence for people. */
export function wordConflict(conflict: Conflict): string {
  return `${(conflict.noun === 'prd' ? prdKey : taskKey)(conflict.id)}: ${wordDifference(conflict)}`
}

function wordDifference(conflict: Conflict): string {
  switch (conflict.kind) {
    case 'field':
      return `${conflict.field} was changed on both sides`
    case 'text':
      return `its text was changed on both sides (${conflict.places.join(', ')})`
    case 'unknown_base':
      return 'its text differs, and the revision it was made of is unknown'
    case 'claimed':
      return `${conflict.status} where it comes from, and somebody works on it here`
  }
}
