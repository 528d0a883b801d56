import type { Principal } from '../../schemas/actor.ts'
import type { BundleFormat } from '../../schemas/bundle.ts'
import { getRepository } from '../domain/repository/read.ts'
import type { Request, Service } from '../domain/service.ts'
import { SpekiError } from '../errors.ts'
import { allowedPath } from './allowed-path.ts'
import { checkBundle } from './check-bundle.ts'
import type { Format } from './format.ts'
import { formatReading } from './format-reading.ts'
import { formats, getFormat } from './formats/index.ts'
import { type ImportOutcome, importBundle } from './import-bundle.ts'
import { listSources, readSources } from './read-folder.ts'

export interface ImportOrder {
  /** Folder or file, from the project folder on; where the caller may read is looked at here. */
  readonly path: string
  readonly project: string
  readonly format?: BundleFormat | undefined
  /** Repository of tasks that name none; else the one the path lies in. */
  readonly repository?: string | undefined
  /** Token of the preview; without it nothing is written. */
  readonly confirm?: string | undefined
}

/** Previews what a folder or file brings, or imports it whole; importing it again brings only what changed there. */
export async function importFrom(
  service: Service,
  caller: Principal,
  order: ImportOrder,
  signal: AbortSignal,
  request?: Request,
): Promise<ImportOutcome> {
  const path = await allowedPath(service, caller, order.project, order.path)
  const sources = await listSources(path, signal)
  const format = chooseFormat(sources.paths, order.format, path)
  const files = await readSources(sources, format, signal)
  const bundle = await formatReading.ahead({ format: format.name, files })
  checkBundle(bundle)
  if (bundle.prds.length + bundle.tasks.length + bundle.knowledge.length === 0) {
    throw new SpekiError('invalid_input', `${format.title}: there is nothing to import in ${path}.`, {
      hint:
        bundle.homeless[0] === undefined
          ? 'Name the folder that holds the specs.'
          : `${bundle.homeless[0].path}: ${bundle.homeless[0].why}.`,
    })
  }
  const place = order.repository === undefined ? undefined : await getRepository(service, caller, order.repository)
  return await importBundle(
    service,
    caller,
    { bundle, format, root: sources.root, repositoryId: place?.id, confirm: order.confirm },
    request,
  )
}

function chooseFormat(paths: readonly string[], asked: BundleFormat | undefined, path: string): Format {
  if (asked !== undefined) {
    const format = getFormat(asked)
    if (format.claims(paths).length > 0) return format
    throw new SpekiError('invalid_input', `${path} has no file of ${format.title}.`, {
      hint: 'Leave format out to have it found, or name another folder.',
    })
  }
  const claiming = formats.filter((format) => format.claims(paths).length > 0)
  const own = claiming.filter(({ name }) => name !== 'markdown')
  const [first, second] = own.length > 0 ? own : claiming
  if (first === undefined) {
    throw new SpekiError('invalid_input', `Nothing in ${path} can be imported.`, {
      hint: `Known are: ${formats.map(({ title }) => title).join(', ')}.`,
    })
  }
  if (second !== undefined) {
    throw new SpekiError('invalid_input', `${path} holds several: ${own.map(({ title }) => title).join(', ')}.`, {
      hint: `Import one after the other: format="${own.map(({ name }) => name).join('", then format="')}".`,
    })
  }
  return first
}
