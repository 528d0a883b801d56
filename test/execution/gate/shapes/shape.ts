/** Texts by path; undefined takes a file away. */
export type Files = Readonly<Record<string, string | undefined>>

/** A task as teams have them, with what good and bad agents make of it. All but `base` and `frozen` lie over the base. */
export interface Shape {
  readonly name: string
  readonly base: Files
  /** Package of a monorepo; the whole repository where absent. */
  readonly subpath?: string
  readonly task: { readonly title: string; readonly description: string; readonly files?: readonly string[] }
  /** Tests that were written first and stay as they are. */
  readonly frozen?: Readonly<Record<string, string>>
  readonly good: Readonly<Record<string, Files>>
  /** Each is wrong in a way that a check or the difference can tell. */
  readonly bad: Readonly<Record<string, Files>>
}
