import type { Bundle, BundleFormat } from '../../schemas/bundle.ts'

/** A text file of the folder that is read. */
export interface SourceFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** How one tool keeps specs and tasks in files. Reading is pure: the same files give the same bundle. */
export interface Format {
  readonly name: BundleFormat
  /** As people call the tool. */
  readonly title: string
  /**
   * The paths among these that belong to the format; none where the folder is no such project. Says it by names
   * alone, so that only these files are read from the disk.
   */
  claims(paths: readonly string[]): readonly string[]
  /**
   * Everything the claimed files say. What has no counterpart goes into `extra` of the object it belongs to, or is
   * named in `homeless`; nothing is dropped silently.
   * @throws SpekiError `invalid_input` naming file, place and next step, where a file is broken or contradicts itself
   * (unreadable JSON or YAML, an id twice, an unknown dependency, a cycle).
   */
  read(files: readonly SourceFile[]): Bundle
}
