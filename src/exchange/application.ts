import type { Actor } from '../../schemas/actor.ts'
import type { Bundle, BundleTask } from '../../schemas/bundle.ts'
import type { LocalState } from './local-state.ts'
import type { ImportPlan } from './plan-import.ts'

/** An import on its way into the database. */
export interface Application {
  readonly bundle: Bundle
  readonly local: LocalState
  readonly plan: ImportPlan
  readonly actor: Actor
  /** As people call the tool it comes from. */
  readonly title: string
  /** Repository of a task that names none, or one nobody knows. */
  readonly repositoryOf: (name: string | undefined) => number | undefined
  readonly now: number
}

export type FindRequirement = (task: BundleTask) => readonly number[]

/** Key numbers by ref, filled as things are stored. */
export interface Keys {
  readonly prds: Map<string, number>
  readonly tasks: Map<string, number>
  readonly requirementOf: FindRequirement
}
