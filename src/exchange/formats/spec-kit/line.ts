import type { CheckBox } from '../document/check-boxes.ts'

/** A line of tasks.md: `- [ ] T012 [P] [US1] Create the model in src/models/album.ts`. */
export interface Line {
  readonly box: CheckBox
  readonly id: string
  /** Whether the file writes it, or it is made of the words. */
  readonly written: boolean
  readonly parallel: boolean
  readonly story: string | undefined
  readonly text: string
}
