import type { BundleFormat } from '../../schemas/bundle.ts'
import { apart } from '../reading/read-apart.ts'
import type { SourceFile } from './format.ts'
import { getFormat } from './formats/index.ts'
import { readVisibly } from './read-visibly.ts'

export interface FilesToRead {
  readonly format: BundleFormat
  /** Those that the format claims. */
  readonly files: readonly SourceFile[]
}

/** What the files of a format say, read apart where they hold much. */
export const formatReading = apart(
  'import',
  ({ format, files }: FilesToRead) => readVisibly(getFormat(format), files),
  ({ files }) => files.reduce((sum, { text }) => sum + text.length, 0),
)
