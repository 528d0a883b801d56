import type { BundlePrd } from '../../schemas/bundle.ts'
import { knowledgeKey, taskKey } from '../../schemas/key.ts'
import { normalizeText } from '../documents/text.ts'
import { requirementNames } from '../domain/plan/wording.ts'
import { addPrd, changePrd, writeRevision } from '../domain/prd/transition.ts'
import { SpekiError } from '../errors.ts'
import { findCycles } from '../graph.ts'
import { extraction } from '../reading/readings.ts'
import type { Tx } from '../store/database.ts'
import { appendEvent } from '../store/events.ts'
import { reserveNumbers } from '../store/keys.ts'
import { insertKnowledge } from '../store/knowledge.ts'
import { listRequirements } from '../store/prd/requirements.ts'
import { listEdgesFrom } from '../store/task/task-links.ts'
import type { Application, FindRequirement } from './application.ts'
import { writeChangedTasks, writeNewTasks } from './apply-tasks.ts'
import { rememberLinks } from './remember-links.ts'

/** Writes what the plan says; keys by ref. All in the transaction in which the plan was made. */
export async function applyImport(
  tx: Tx,
  input: Application,
): Promise<{ readonly prds: ReadonlyMap<string, number>; readonly tasks: ReadonlyMap<string, number> }> {
  const prds = new Map([...input.local.prds].map(([ref, { record }]) => [ref, record.id]))
  const tasks = new Map([...input.local.tasks].map(([ref, { record }]) => [ref, record.id]))
  extraction.expect([
    ...input.plan.newPrds.map(({ body }) => ({ text: normalizeText(body) })),
    ...input.plan.changedPrds.flatMap(({ body }) => (body === undefined ? [] : { text: body })),
  ])
  await writePrds(tx, input, prds)
  const requirementOf = await requirementFinder(tx, prds, input)
  await writeNewTasks(tx, input, { prds, tasks, requirementOf })
  await writeChangedTasks(tx, input, { prds, tasks, requirementOf })
  const touched = [...input.plan.newTasks, ...input.plan.changedTasks.map(({ task }) => task)].flatMap(
    ({ ref }) => tasks.get(ref) ?? [],
  )
  await refuseCycles(tx, touched)
  const knowledge = await writeKnowledge(tx, input, tasks)
  if (!input.local.own) await rememberLinks(tx, input, { prds, tasks, knowledge })
  return { prds, tasks }
}

async function writePrds(tx: Tx, input: Application, keys: Map<string, number>): Promise<void> {
  const { plan, actor, now, bundle } = input
  const doer = { actor, now }
  const own = Map.groupBy(bundle.tasks, (task) => task.prd)
  const pending = [...plan.newPrds]
  // Parents first; a parent is in the bundle and there are no circles, or it would have been refused.
  for (let prd = pending.shift(); prd !== undefined; prd = pending.shift()) {
    const current: BundlePrd = prd
    if (current.parent !== undefined && !keys.has(current.parent)) {
      pending.push(current)
      continue
    }
    const named = [
      ...current.repositories.map((name) => input.repositoryOf(name)),
      ...(own.get(current.ref) ?? []).map((task) => input.repositoryOf(task.repository)),
      ...(current.repositories.length === 0 ? [input.repositoryOf(undefined)] : []),
    ]
    const { id } = await addPrd(tx, doer, {
      title: current.title,
      kind: current.kind,
      body: current.body,
      owners: current.owners,
      state: current.state,
      repositoryIds: [...new Set(named.filter((entry) => entry !== undefined))],
      parentId: current.parent === undefined ? undefined : keys.get(current.parent),
      createdAt: current.created_at,
      updatedAt: current.updated_at ?? current.created_at,
      reason: `imported from ${input.title}`,
    })
    keys.set(current.ref, id)
  }
  for (const { prd, record, body, fields } of plan.changedPrds) {
    const { parent, ...named } = fields
    const parentId = parent === undefined ? null : keys.get(parent)
    const payload = { ...fields }
    const changed =
      Object.keys(fields).length === 0
        ? record
        : await changePrd(
            tx,
            doer,
            record,
            { ...named, ...('parent' in fields && { parentId }) },
            { type: 'prd.updated', payload },
          )
    const edit = { reason: `imported from ${input.title}`, basedOn: prd.revision ?? record.revision }
    if (body !== undefined) await writeRevision(tx, doer, changed, body, edit)
  }
}

/** Labels stand for requirements of the task's PRD, of another one behind "ref#", "@3" for the third. */
async function requirementFinder(
  tx: Tx,
  prds: ReadonlyMap<string, number>,
  { bundle }: Application,
): Promise<FindRequirement> {
  const byPrd = new Map<number, ReadonlyMap<string, number>>()
  const refs = new Set(
    bundle.tasks
      .filter(({ requirements }) => requirements.length > 0)
      .flatMap((task) => [task.prd, ...task.requirements.map((label) => label.split('#')[0])]),
  )
  for (const ref of refs) {
    const id = ref === undefined ? undefined : prds.get(ref)
    if (id === undefined) continue
    const requirements = await listRequirements(tx, id)
    const names = requirementNames(requirements)
    byPrd.set(
      id,
      new Map(
        requirements.flatMap((requirement, index): [string, number][] => [
          [`@${index + 1}`, requirement.id],
          [(names.get(requirement.id) ?? '').toUpperCase(), requirement.id],
        ]),
      ),
    )
  }
  return (task) =>
    task.requirements.flatMap((written) => {
      const hash = written.indexOf('#')
      const ref = hash === -1 ? task.prd : written.slice(0, hash)
      const label = hash === -1 ? written : written.slice(hash + 1)
      return byPrd.get(prds.get(ref ?? '') ?? 0)?.get(label.toUpperCase()) ?? []
    })
}

/** Edges that came from elsewhere, with those that are here, may close a circle: then nothing is imported. */
async function refuseCycles(tx: Tx, taskIds: readonly number[]): Promise<void> {
  const edges = Map.groupBy(await listEdgesFrom(tx, taskIds), ({ task }) => task)
  const [circle] = findCycles(taskIds, (id) => (edges.get(id) ?? []).map(({ dependsOn }) => dependsOn), 1)
  if (circle === undefined) return
  throw new SpekiError(
    'conflict',
    `Together with the dependencies that are here, the import closes a circle: ${[...circle, ...circle.slice(0, 1)].map(taskKey).join(' → ')}. Nothing was imported.`,
    {
      hint: 'Take one of these dependencies out, here or there, and import again.',
    },
  )
}

async function writeKnowledge(
  tx: Tx,
  input: Application,
  tasks: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const keys = new Map<string, number>()
  const { newKnowledge } = input.plan
  if (newKnowledge.length === 0) return keys
  const first = await reserveNumbers(tx, 'knowledge', newKnowledge.length)
  for (const [index, entry] of newKnowledge.entries()) {
    const id = first + index
    keys.set(entry.ref, id)
    await insertKnowledge(tx, id, {
      kind: entry.kind,
      category: entry.category,
      text: entry.text,
      repositoryId: entry.repository === undefined ? undefined : input.repositoryOf(entry.repository),
      taskId: entry.task === undefined ? undefined : tasks.get(entry.task),
      actor: { kind: 'system', name: entry.by ?? input.title },
      at: entry.at ?? input.now,
      resolvedAt: entry.resolved_at,
    })
    await tx.dialect.indexText(tx, { kind: 'knowledge', id, title: entry.category, body: entry.text })
    const task = entry.task === undefined ? undefined : tasks.get(entry.task)
    await appendEvent(tx, {
      at: input.now,
      type: 'knowledge.added',
      subject: knowledgeKey(id),
      actor: input.actor,
      payload: {
        kind: entry.kind,
        category: entry.category,
        from: input.title,
        ...(task !== undefined && { task: taskKey(task) }),
      },
    })
  }
  return keys
}
