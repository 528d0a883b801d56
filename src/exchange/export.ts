import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Principal } from '../../schemas/actor.ts'
import { Bundle, type BundleKnowledge, type BundlePrd, type BundleTask } from '../../schemas/bundle.ts'
import { keyNumber } from '../../schemas/key.ts'
import { getPrd } from '../domain/prd/prd.ts'
import { consult, type Service } from '../domain/service.ts'
import { SpekiError } from '../errors.ts'
import { replaceFile } from '../files/replace.ts'
import { makeFolder } from '../make-folder.ts'
import { redact } from '../redaction/redact.ts'
import type { Reader } from '../store/database.ts'
import type { LinkedNoun } from '../store/links.ts'
import { listPrdIds } from '../store/prd/prds.ts'
import { listLooseTasks, listPrdTasks, type TaskRecord } from '../store/task/tasks.ts'
import { findWorkspaceId } from '../store/workspace.ts'
import { mapTexts } from '../visible.ts'
import { byKey, knowledgeOf, prdsOf, tasksOf, withExtras } from './bundle-of.ts'
import { writeJson } from './formats/speki/write.ts'

/** What an export did. */
export interface Exported {
  readonly written: readonly string[]
  readonly unchanged: number
  /** Keys whose edits in the folder were taken in. */
  readonly taken: readonly string[]
  /** What both sides changed: it stands in the file as it was there, for a person to look at. */
  readonly conflicts: readonly string[]
  readonly left: readonly string[]
}

/** PRDs with their tasks and what is known about these; without `prds` everything the workspace has. */
export async function exportBundle(
  service: Service,
  caller: Principal,
  prds: readonly number[] | undefined,
): Promise<Bundle> {
  return await consult(service, caller, 'export.run', (reader) => readBundle(reader, prds))
}

async function readBundle(reader: Reader, chosen: readonly number[] | undefined): Promise<Bundle> {
  for (const id of chosen ?? []) await getPrd(reader, id)
  const ids = chosen ?? (await listPrdIds(reader))
  const records: TaskRecord[] = []
  for (const id of ids) records.push(...(await listPrdTasks(reader, id)))
  if (chosen === undefined) records.push(...(await listLooseTasks(reader)))
  const taskIds = new Set(records.map(({ id }) => id))
  const extras = <T extends BundlePrd | BundleTask | BundleKnowledge>(noun: LinkedNoun, entries: readonly T[]) =>
    withExtras(
      reader,
      noun,
      entries.map((entry) => [keyNumber(entry.ref), entry]),
    )
  return {
    format: 'speki',
    workspace: await findWorkspaceId(reader),
    prds: [...(await extras('prd', await prdsOf(reader, ids, byKey)))],
    tasks: [...(await extras('task', await tasksOf(reader, records, byKey)))],
    knowledge: [...(await extras('knowledge', await knowledgeOf(reader, taskIds, chosen === undefined, byKey)))],
    homeless: [],
  }
}

/** Writes the bundle as one JSON file, whole or not at all. */
export async function exportJson(
  service: Service,
  caller: Principal,
  path: string,
  prds: readonly number[] | undefined,
): Promise<Exported> {
  const file = path.endsWith('.json') ? path : join(path, 'speki-export.json')
  await refuseForeign(file)
  makeFolder(dirname(file))
  await replaceFile(file, writeJson(Bundle.parse(mapTexts(await exportBundle(service, caller, prds), redact))))
  return { written: [basename(file)], unchanged: 0, taken: [], conflicts: [], left: [] }
}

/** Only what an export wrote is written over. */
async function refuseForeign(file: string): Promise<void> {
  const there = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (there === undefined || /^\s*\{\s*"format":\s*"speki"/.test(there)) return
  throw new SpekiError(
    'precondition_failed',
    `${file} is there and was not written by an export. Nothing was written.`,
    {
      hint: 'Name another file, or a folder.',
    },
  )
}
