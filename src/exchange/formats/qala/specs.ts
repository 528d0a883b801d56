import { posix } from 'node:path'
import { z } from 'zod'
import type { BundlePrd, BundleTask, Homeless } from '../../../../schemas/bundle.ts'
import type { PrdKind } from '../../../../schemas/prd.ts'
import type { SourceFile } from '../../format.ts'
import { documentPrd, furtherState, stateOfWord, titleOf, titleOfName } from '../document/document-prd.ts'
import { readFrontMatter, wordOf } from '../document/front-matter.ts'
import { kindOf } from '../document/kind-of.ts'
import { AnyJson, type Json, otherFields, parseJson, parseShape } from '../reading/json.ts'
import { refuse } from '../reading/refusal.ts'
import { stateByTasks } from '../reading/state.ts'
import type { Values } from '../reading/yaml.ts'

const Word = z.string().nullish()
const Metadata = z.looseObject({
  created: Word,
  lastModified: Word,
  status: Word,
  specPath: Word,
  type: Word,
  parent: Word,
  children: z.array(z.string()).nullish(),
})
const TASKS = 'tasks.json'
const METADATA = 'metadata.json'
const DECOMPOSITION = new Set(['userStories'])

interface Spec {
  /** Basename without `.md`; names the folder of its records. */
  readonly id: string
  readonly ref: string
  readonly file: SourceFile | undefined
  readonly values: Values
  readonly metadata: z.infer<typeof Metadata>
  readonly records: ReadonlyMap<string, SourceFile>
}

export interface TaskFile {
  readonly spec: string
  readonly ref: string
  readonly body: string
  readonly file: SourceFile
  readonly value: Json
}

export interface Specs {
  readonly taskFiles: readonly TaskFile[]
  /** The specs as PRDs, as far on as their tasks are. */
  readonly prds: (tasks: readonly BundleTask[]) => readonly BundlePrd[]
}

/** Specs and the records that belong to each; records whose spec is gone stand for it. */
export function readSpecs(files: readonly SourceFile[], homeless: Homeless[]): Specs {
  const records = new Map<string, Map<string, SourceFile>>()
  for (const file of files) {
    const [, id, name] = /^\.speki\/specs\/([^/]+)\/(.+)$/.exec(file.path) ?? []
    if (id === undefined || name === undefined) continue
    const own = records.get(id) ?? new Map<string, SourceFile>()
    own.set(name, file)
    records.set(id, own)
  }
  const texts = files.filter((file) => {
    const about = /(?:^|\/)readme\.md$/i.test(file.path) && wordOf(readFrontMatter(file), 'type') === undefined
    if (about)
      homeless.push({
        path: file.path,
        what: 'document',
        why: 'It is about the specs and none; it stays in this file.',
      })
    return file.path.startsWith('specs/') && !about
  })
  const byId = Map.groupBy(texts, ({ path }) => posix.basename(path).replace(/\.md$/i, ''))
  const specs = [...byId].flatMap(([id, same]) => specsOf(id, same, records.get(id)))
  for (const [id, own] of records) if (!byId.has(id)) specs.push(specOf(id, `.speki/specs/${id}`, undefined, own))
  const taskFiles = specs.flatMap((spec): TaskFile[] => {
    const file = spec.records.get(TASKS)
    const body = spec.file?.text ?? ''
    return file === undefined
      ? []
      : [{ spec: spec.id, ref: spec.ref, body, file, value: parseJson(file.text, { file: file.path }) }]
  })
  const values = new Map(taskFiles.map(({ ref, value }) => [ref, value]))
  const parents = parentsOf(specs, homeless)
  return {
    taskFiles,
    prds: (tasks) => {
      const own = Map.groupBy(tasks, (task) => task.prd)
      return specs.map((spec) => toPrd(spec, own.get(spec.ref) ?? [], values.get(spec.ref), parents.get(spec.ref)))
    },
  }
}

/** Two files of one name share a folder of records; these say which one they mean. */
function specsOf(
  id: string,
  same: readonly SourceFile[],
  records: ReadonlyMap<string, SourceFile> | undefined,
): readonly Spec[] {
  const own = records ?? new Map<string, SourceFile>()
  const [only, other] = same
  if (records === undefined || other === undefined)
    return same.map((file) => specOf(id, file.path, file, file === only ? own : new Map()))
  const { specPath } = metadataOf(own)
  const meant = same.find(
    ({ path }) => specPath !== null && specPath !== undefined && `/${specPath}`.endsWith(`/${path}`),
  )
  if (meant === undefined)
    refuse(
      { file: other.path },
      `the records of ${id} belong to this or to ${only?.path ?? ''}.`,
      'Rename one of the two, or name its path as specPath in metadata.json, and import again.',
    )
  return same.map((file) => specOf(id, file.path, file, file === meant ? own : new Map()))
}

function specOf(id: string, ref: string, file: SourceFile | undefined, records: ReadonlyMap<string, SourceFile>): Spec {
  return {
    id,
    ref,
    file,
    values: file === undefined ? {} : readFrontMatter(file),
    metadata: metadataOf(records),
    records,
  }
}

function metadataOf(records: ReadonlyMap<string, SourceFile>): z.infer<typeof Metadata> {
  const file = records.get(METADATA)
  if (file === undefined) return {}
  return parseShape(Metadata, parseJson(file.text, { file: file.path }), { file: file.path })
}

/** A parent is named in front matter, in the records of either side, or by the same name before the suffix. */
function parentsOf(specs: readonly Spec[], homeless: Homeless[]): ReadonlyMap<string, string> {
  const byName = new Map<string, string>()
  for (const { id, ref } of specs) for (const name of [ref, posix.basename(ref), id]) byName.set(name, ref)
  const find = (from: string, written: string): string | undefined =>
    byName.get(posix.normalize(posix.join(posix.dirname(from), written))) ??
    byName.get(posix.normalize(written).replace(/^\.\//, '')) ??
    byName.get(posix.basename(written)) ??
    byName.get(posix.basename(written).replace(/\.md$/i, ''))
  const parents = new Map<string, string>()
  for (const { ref, metadata } of specs)
    for (const child of metadata.children ?? []) {
      const found = find(ref, child)
      if (found !== undefined && found !== ref) parents.set(found, ref)
      else
        homeless.push({
          path: ref,
          what: `child ${child}`,
          why: 'No spec has that name; the records of the spec keep it.',
        })
    }
  for (const spec of specs) {
    const written = wordOf(spec.values, 'parent') ?? spec.metadata.parent ?? undefined
    const found = written === undefined ? undefined : find(spec.ref, written)
    const twin = kindOfSpec(spec) === 'tech_spec' ? byName.get(spec.id.replace(/\.tech$/i, '.prd')) : undefined
    const parent = found ?? (written === undefined ? (parents.get(spec.ref) ?? twin) : undefined)
    if (parent !== undefined && parent !== spec.ref) parents.set(spec.ref, parent)
    if (written !== undefined && found === undefined)
      homeless.push({ path: spec.ref, what: `parent ${written}`, why: 'No spec has that name; the text keeps it.' })
  }
  return parents
}

function kindOfSpec({ id, values, metadata }: Spec): PrdKind {
  const suffix = /\.(prd|tech|bug)$/i.exec(id)?.[1]
  return kindOf(wordOf(values, 'type') ?? '') ?? kindOf(suffix ?? '') ?? kindOf(metadata.type ?? '') ?? 'prd'
}

function toPrd(
  spec: Spec,
  tasks: readonly BundleTask[],
  taskFile: Json | undefined,
  parent: string | undefined,
): BundlePrd {
  const { metadata, values, file } = spec
  const status = metadata.status ?? wordOf(values, 'status')
  const worked = stateByTasks(tasks.map((task) => ({ status: task.status, begun: false })))
  const state = furtherState(stateOfWord(status ?? '') ?? 'draft', worked)
  const fields =
    typeof taskFile === 'object' && taskFile !== null && !Array.isArray(taskFile)
      ? otherFields(taskFile, DECOMPOSITION)
      : {}
  const description = typeof fields['description'] === 'string' ? fields['description'] : ''
  const title = titleOf(file?.text ?? '') ?? titleOfName(`${spec.id}.md`)
  const extra: Record<string, Json> = {}
  const others = otherFields(metadata, new Set(['created', 'lastModified', 'specPath']))
  if (Object.keys(others).length > 0) extra['metadata'] = others
  if (Object.keys(fields).length > 0) extra['tasks'] = fields
  for (const [name, record] of spec.records)
    if (name !== TASKS && name !== METADATA)
      extra[name] = parseShape(AnyJson, parseJson(record.text, { file: record.path }), { file: record.path })
  return documentPrd({
    ref: spec.ref,
    title,
    kind: kindOfSpec(spec),
    state,
    body: file?.text ?? `# ${title}\n${description === '' ? '' : `\n${description}\n`}`,
    parent,
    created: { field: 'created', value: metadata.created ?? wordOf(values, 'created') },
    updated: { field: 'lastModified', value: metadata.lastModified ?? undefined },
    extra,
  })
}
