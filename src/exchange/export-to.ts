import type { Principal } from '../../schemas/actor.ts'
import type { Service } from '../domain/service.ts'
import { allowedPath } from './allowed-path.ts'
import { type Exported, exportJson } from './export.ts'
import { syncFolder } from './sync-folder.ts'

export interface ExportOrder {
  /** Folder or file, from the project folder on; where the caller may write is looked at here. */
  readonly path: string
  readonly project: string
  readonly format: 'markdown' | 'json'
  /** Without them: those the folder has, or all. */
  readonly prds: readonly number[] | undefined
}

/** Writes one JSON file, or brings a folder of Markdown and the database in step. */
export async function exportTo(
  service: Service,
  caller: Principal,
  order: ExportOrder,
  signal: AbortSignal,
): Promise<Exported> {
  const path = await allowedPath(service, caller, order.project, order.path)
  return order.format === 'json'
    ? await exportJson(service, caller, path, order.prds)
    : await syncFolder(service, caller, path, order.prds, signal)
}
