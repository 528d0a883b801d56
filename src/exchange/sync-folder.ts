import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Principal } from '../../schemas/actor.ts'
import type { Bundle } from '../../schemas/bundle.ts'
import { prdKey, taskKey } from '../../schemas/key.ts'
import { consult, type Service } from '../domain/service.ts'
import { SpekiError } from '../errors.ts'
import { ifMissing, onCode } from '../expected.ts'
import { removeOfAnyAge } from '../files/remove.ts'
import { replaceFile } from '../files/replace.ts'
import { makeFolder } from '../make-folder.ts'
import { hint, step } from '../step.ts'
import { findWorkspaceId } from '../store/workspace.ts'
import { checkBundle } from './check-bundle.ts'
import { wordConflict } from './conflict.ts'
import { type Exported, exportBundle } from './export.ts'
import { formatReading } from './format-reading.ts'
import { MANIFEST } from './formats/speki/files.ts'
import { writeMarkdown } from './formats/speki/write.ts'
import { speki } from './formats/speki.ts'
import { importBundle, WITHOUT_PREVIEW } from './import-bundle.ts'
import { listSources, readSources } from './read-folder.ts'
import { rememberFolder, withConflicts } from './written-folder.ts'

/**
 * Brings a folder of Markdown and the database in step: edits made in the folder go in by three-way merge, then the
 * files are written. Without `prds`: those the folder has, or all. Killed at any point it can simply be run again.
 */
export async function syncFolder(
  service: Service,
  caller: Principal,
  folder: string,
  prds: readonly number[] | undefined,
  signal: AbortSignal,
): Promise<Exported> {
  const names = await readdir(folder).catch(onCode<string[]>(['ENOENT'], []))
  if (names.length > 0 && !names.includes(MANIFEST)) {
    throw new SpekiError(
      'precondition_failed',
      `${folder} has files and no ${MANIFEST}: it is no folder that SPEKI exported.`,
      {
        hint: 'Name a new or empty folder, for example docs/specs.',
      },
    )
  }
  const before = names.length === 0 ? undefined : await readBundle(service, caller, folder, signal)
  const outcome =
    before === undefined
      ? undefined
      : await importBundle(service, caller, { bundle: before, format: speki, root: folder, confirm: WITHOUT_PREVIEW })
  const chosen =
    prds ??
    (before === undefined || before.prds.length === 0
      ? undefined
      : [...new Set(before.prds.flatMap(({ ref }) => outcome?.prds.get(ref) ?? []))])
  const after = await exportBundle(service, caller, chosen)
  const conflicts = outcome?.plan.conflicts ?? []
  const shown = before === undefined || outcome === undefined ? after : withConflicts(after, before, outcome)
  // Somebody's own file that stands where one of ours would.
  const foreign = new Set(before?.homeless.map(({ path }) => path))
  const left: string[] = []
  const written: string[] = []
  let unchanged = 0
  makeFolder(folder)
  for (const { path, text } of writeMarkdown(shown)) {
    signal.throwIfAborted()
    const name = existingName(names, path)
    if (foreign.has(name)) {
      left.push(`${name}: was not written by an export, so it was left as it is; move it and export again`)
      continue
    }
    const there = await readFile(join(folder, name), 'utf8').catch(ifMissing(undefined))
    if (there === text) {
      unchanged += 1
      continue
    }
    await replaceFile(join(folder, name), text)
    written.push(name)
  }
  for (const name of leftOver(names, after)) await removeOfAnyAge(join(folder, name), folder)
  // Last: until then the files say by their revisions what they were made of.
  await rememberFolder(service, caller, folder, shown, outcome?.plan)
  return {
    written,
    unchanged,
    taken: [
      ...(outcome?.plan.changedPrds.map(({ record }) => prdKey(record.id)) ?? []),
      ...(outcome?.plan.changedTasks.map(({ record }) => taskKey(record.id)) ?? []),
      ...(outcome?.plan.newTasks.flatMap(({ ref }) => outcome.tasks.get(ref) ?? []).map(taskKey) ?? []),
    ],
    conflicts: [...conflicts.map(wordConflict), ...left],
    left: outcome?.plan.left ?? [],
  }
}

async function readBundle(service: Service, caller: Principal, folder: string, signal: AbortSignal): Promise<Bundle> {
  const sources = await listSources(folder, signal)
  const files = await readSources(sources, speki, signal)
  const bundle = await formatReading.ahead({ format: speki.name, files })
  const workspace = await consult(service, caller, 'export.run', findWorkspaceId)
  if (bundle.workspace !== workspace) {
    throw new SpekiError('precondition_failed', `${folder} was exported from another workspace; nothing was changed.`, {
      hint: hint`Import it with ${step('prd_import', { path: folder })}, or export into another folder.`,
    })
  }
  checkBundle(bundle)
  return bundle
}

/** A PRD keeps its file when its title changes. */
function existingName(names: readonly string[], path: string): string {
  const key = /^PRD-\d+(?=[-.])/.exec(path)?.[0]
  const ending = path.endsWith('.tasks.md') ? '.tasks.md' : '.md'
  const known = names.find(
    (name) =>
      key !== undefined &&
      new RegExp(`^${key}[-.]`).test(name) &&
      name.endsWith(ending) &&
      name.endsWith('.tasks.md') === (ending === '.tasks.md'),
  )
  return known ?? path
}

/** Task files whose last task is gone. */
function leftOver(names: readonly string[], { prds, tasks }: Bundle): readonly string[] {
  const withTasks = new Set(tasks.map(({ prd }) => prd))
  return names.filter((name) => {
    const key = /^(PRD-\d+)[-.].*tasks\.md$/.exec(name)?.[1]
    return key !== undefined && prds.some(({ ref }) => ref === key) && !withTasks.has(key)
  })
}
