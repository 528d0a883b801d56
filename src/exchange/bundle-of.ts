import { type BundleKnowledge, type BundlePrd, BundleTask } from '../../schemas/bundle.ts'
import { keyNumber, knowledgeKey, prdKey, requirementKey, taskKey } from '../../schemas/key.ts'
import { requirementNames } from '../domain/plan/wording.ts'
import type { Reader } from '../store/database.ts'
import { listAllKnowledge } from '../store/knowledge.ts'
import { type LinkedNoun, listLinksOf } from '../store/links.ts'
import { findPrdBody, findPrds } from '../store/prd/prds.ts'
import { listRequirements } from '../store/prd/requirements.ts'
import { listDependenciesOf, listNotesOf, listRequirementsOf } from '../store/task/task-links.ts'
import type { TaskRecord } from '../store/task/tasks.ts'

/** How a key of ours is written in the bundle. */
export type RefOf = (noun: LinkedNoun, id: number) => string

const KEYS = { prd: prdKey, task: taskKey, knowledge: knowledgeKey }

/** By our own keys. */
export const byKey: RefOf = (noun, id) => KEYS[noun](id)

/** PRDs as a bundle has them; `parentId` is left out where the parent is not among them. */
export async function prdsOf(reader: Reader, ids: readonly number[], refOf: RefOf): Promise<readonly BundlePrd[]> {
  const records = await findPrds(reader, ids)
  const chosen = new Set(records.map(({ id }) => id))
  const prds: BundlePrd[] = []
  for (const prd of records) {
    prds.push({
      ref: refOf('prd', prd.id),
      title: prd.title,
      kind: prd.kind,
      state: prd.state,
      body: (await findPrdBody(reader, prd.id, prd.revision)) ?? '',
      revision: prd.revision,
      version: prd.version,
      ...(prd.parentId !== undefined && chosen.has(prd.parentId) && { parent: refOf('prd', prd.parentId) }),
      repositories: [...prd.repositories],
      owners: [...prd.owners],
      created_at: prd.createdAt,
      updated_at: prd.updatedAt,
      extra: {},
    })
  }
  return prds
}

/** Tasks as a bundle has them, in the order given. */
export async function tasksOf(
  reader: Reader,
  records: readonly TaskRecord[],
  refOf: RefOf,
): Promise<readonly BundleTask[]> {
  const ids = records.map(({ id }) => id)
  const dependencies = Map.groupBy(await listDependenciesOf(reader, ids), ({ task }) => task)
  const traces = Map.groupBy(await listRequirementsOf(reader, ids), ({ task }) => task)
  const notes = Map.groupBy(await listNotesOf(reader, ids), ({ task }) => task)
  const labels = await requirementLabels(
    reader,
    [...traces.values()].flat().map(({ prd }) => prd),
  )
  const chosen = new Set(ids)
  return records.map((task) => ({
    ref: refOf('task', task.id),
    ...(task.alias !== undefined && { alias: task.alias }),
    ...(task.prdId !== undefined && { prd: refOf('prd', task.prdId) }),
    repository: task.repository,
    title: task.title,
    description: task.description.trim(),
    status: task.status,
    ...(task.blockReason !== undefined && { block_reason: task.blockReason }),
    acceptance_criteria: [...task.acceptanceCriteria],
    test_cases: [...task.testCases],
    requirements: (traces.get(task.id) ?? []).map(({ prd, requirement }) =>
      prd === task.prdId ? (labels.get(requirement) ?? '') : `${refOf('prd', prd)}#${labels.get(requirement)}`,
    ),
    depends_on: (dependencies.get(task.id) ?? [])
      .filter(({ dependsOn }) => chosen.has(dependsOn))
      .map(({ dependsOn }) => refOf('task', dependsOn)),
    complexity: task.complexity,
    priority: task.priority,
    context: task.context,
    notes: (notes.get(task.id) ?? []).map(({ text, by, at }) => ({ text, by, at })),
    created_at: task.createdAt,
    updated_at: task.updatedAt,
    ...(task.finishedAt !== undefined && { finished_at: task.finishedAt }),
    revision: task.revision,
    extra: {},
  }))
}

/** A label where one requirement alone has it, else its place: the same for the same text in any workspace. */
async function requirementLabels(reader: Reader, prdIds: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const labels = new Map<number, string>()
  for (const prdId of new Set(prdIds)) {
    const requirements = await listRequirements(reader, prdId)
    const names = requirementNames(requirements)
    for (const [index, { id }] of requirements.entries()) {
      const name = names.get(id) ?? ''
      labels.set(id, name === requirementKey(id) ? `@${index + 1}` : name)
    }
  }
  return labels
}

/** Knowledge about these tasks, and in a whole bundle all that is about none. */
export async function knowledgeOf(
  reader: Reader,
  tasks: ReadonlySet<number>,
  whole: boolean,
  refOf: RefOf,
): Promise<readonly BundleKnowledge[]> {
  const entries = await listAllKnowledge(reader)
  return entries
    .filter(({ task }) => (task === undefined ? whole : tasks.has(keyNumber(task))))
    .map(({ id, kind, category, text, repository, task, by, at, resolvedAt }) => ({
      ref: refOf('knowledge', keyNumber(id)),
      kind,
      category,
      text,
      ...(task !== undefined && { task: refOf('task', keyNumber(task)) }),
      ...(repository !== undefined && { repository }),
      by,
      at,
      ...(resolvedAt !== undefined && { resolved_at: resolvedAt }),
      extra: {},
    }))
}

/** Gives back what had no counterpart when these were imported. */
export async function withExtras<T extends { readonly extra: BundleTask['extra'] }>(
  reader: Reader,
  noun: LinkedNoun,
  entries: readonly (readonly [id: number, entry: T])[],
): Promise<readonly T[]> {
  const links = await listLinksOf(
    reader,
    noun,
    entries.map(([id]) => id),
  )
  const byId = new Map(links.flatMap(({ id, base }) => ('extra' in base.theirs ? [[id, base.theirs['extra']]] : [])))
  return entries.map(([id, entry]) =>
    byId.has(id) ? { ...entry, extra: BundleTask.shape.extra.parse(byId.get(id)) } : entry,
  )
}
