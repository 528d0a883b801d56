import type { BundleFormat } from '../../../schemas/bundle.ts'
import { SpekiError } from '../../errors.ts'
import type { Format } from '../format.ts'
import { backlogMd } from './backlog-md.ts'
import { beads } from './beads.ts'
import { markdown } from './markdown.ts'
import { openspec } from './openspec.ts'
import { qala } from './qala.ts'
import { shrimp } from './shrimp.ts'
import { specKit } from './spec-kit.ts'
import { speki } from './speki.ts'
import { taskMaster } from './task-master.ts'

/** Every format that can be read; Markdown comes last, because it claims whatever is Markdown. */
export const formats: readonly Format[] = [
  speki,
  qala,
  taskMaster,
  backlogMd,
  beads,
  shrimp,
  openspec,
  specKit,
  markdown,
]

export function getFormat(name: BundleFormat): Format {
  const format = formats.find((entry) => entry.name === name)
  if (format === undefined) throw new SpekiError('not_found', `Nothing reads the format ${name}.`)
  return format
}
