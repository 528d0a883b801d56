import type { Principal } from '../../../schemas/actor.ts'
import { planKey, prdKey, taskKey } from '../../../schemas/key.ts'
import type { Prd, PrdKind, PrdRevision, PrdState } from '../../../schemas/prd.ts'
import type { Requirement } from '../../../schemas/requirement.ts'
import { unifiedDiff } from '../../documents/diff.ts'
import { SpekiError } from '../../errors.ts'
import { sections } from '../../reading/readings.ts'
import type { Section } from '../../spec/markdown/section-lookup.ts'
import { listLinksOf, mapOrigins } from '../../store/links.ts'
import { findPlan } from '../../store/prd/plans.ts'
import { findPrd, findPrdBody, listPrdRevisions, listPrds, presentPrd } from '../../store/prd/prds.ts'
import { listRequirements, mapRequirements, presentRequirement } from '../../store/prd/requirements.ts'
import { addCounts, countTasks, type TaskCounts } from '../../store/progress.ts'
import { listRepositoryNames } from '../../store/repositories.ts'
import { MAX_HITS } from '../../store/search-words.ts'
import { listTraces } from '../../store/task/task-links.ts'
import { findTasks, listPrdTasks } from '../../store/task/tasks.ts'
import { resolveRepository } from '../repository/repository.ts'
import { consult, type Service } from '../service.ts'
import { getPrd, noSuchPrd } from './prd.ts'

/** A requirement with what became of it. */
export interface RequirementProgress extends Requirement {
  readonly tasks: readonly string[]
  /** `open`: no task; `planned`; `in_progress`; `done`: every task that realises it is. */
  readonly state: 'open' | 'planned' | 'in_progress' | 'done'
}

export interface PrdView {
  readonly prd: Prd
  /** The first of them. */
  readonly children: readonly { readonly id: string; readonly title: string; readonly state: PrdState }[]
  readonly childrenTotal: number
  readonly plan: { readonly id: string; readonly revision: number } | undefined
  /** Where it was imported from. */
  readonly origin: string | undefined
}

export async function readPrd(service: Service, caller: Principal, id: number): Promise<PrdView> {
  return await consult(service, caller, 'prd.read', async (reader) => {
    const prd = await getPrd(reader, id)
    const { prds, total } = await listPrds(reader, { parentId: id, deleted: false }, { limit: 100 })
    const plan = await findPlan(reader, id)
    const origin = (await listLinksOf(reader, 'prd', [id])).at(-1)
    return {
      prd: presentPrd(prd),
      children: prds.map((child) => ({ id: prdKey(child.id), title: child.title, state: child.state })),
      childrenTotal: total,
      plan: plan && { id: planKey(plan.id), revision: plan.prdRevision },
      origin: origin?.source,
    }
  })
}

/** Text of a revision or of one of its sections, with the list of its sections. */
export async function readPrdBody(
  service: Service,
  caller: Principal,
  id: number,
  options: { readonly revision?: number | undefined; readonly section?: string | undefined } = {},
): Promise<{ readonly body: string; readonly revision: number; readonly sections: readonly Section[] }> {
  const { body, revision, lines } = await consult(service, caller, 'prd.read', async (reader) => {
    const prd = await getPrd(reader, id)
    const asked = options.revision ?? prd.revision
    const text = await findPrdBody(reader, id, asked)
    if (text === undefined)
      throw new SpekiError('not_found', `${prdKey(id)} has no revision ${asked}; it is at ${prd.revision}.`, {
        hint: 'Leave revision out for the current one.',
      })
    const { section } = options
    // The lines of a requirement are those of the current text.
    const requirement =
      section === undefined || asked !== prd.revision
        ? undefined
        : (await listRequirements(reader, id))
            .map(presentRequirement)
            .find((entry) => [entry.id, entry.label].includes(section))
    return { body: text, revision: asked, lines: requirement?.lines }
  })
  const section = lines === undefined ? options.section : undefined
  const found = await sections.ahead({ text: body, section })
  return {
    body:
      lines === undefined
        ? (found.body ?? body)
        : body
            .split('\n')
            .slice(lines.start - 1, lines.end)
            .join('\n'),
    revision,
    sections: found.list,
  }
}

export async function readRequirements(
  service: Service,
  caller: Principal,
  id: number,
): Promise<readonly RequirementProgress[]> {
  return await consult(service, caller, 'prd.read', async (reader) => {
    await getPrd(reader, id)
    const requirements = await listRequirements(reader, id)
    const traces = await listTraces(reader, id)
    const statusOf = new Map(
      (await findTasks(reader, [...new Set(traces.map((trace) => trace.task))])).map((task) => [task.id, task.status]),
    )
    const tasksOf = Map.groupBy(traces, (trace) => trace.requirement)
    return requirements.map((requirement) => {
      const live = (tasksOf.get(requirement.id) ?? []).filter((trace) => statusOf.get(trace.task) !== 'cancelled')
      const statuses = live.map((trace) => statusOf.get(trace.task))
      return {
        ...presentRequirement(requirement),
        tasks: live.map((trace) => taskKey(trace.task)),
        state: requirementState(statuses),
      }
    })
  })
}

function requirementState(statuses: readonly (string | undefined)[]): RequirementProgress['state'] {
  if (statuses.length === 0) return 'open'
  if (statuses.every((status) => status === 'done')) return 'done'
  return statuses.some((status) => status === 'done' || status === 'in_progress' || status === 'in_review')
    ? 'in_progress'
    : 'planned'
}

export interface PrdTaskLine {
  readonly id: string
  readonly title: string
  readonly repository: string
  readonly status: string
  readonly ready: boolean
  readonly stale: boolean
}

export async function readPrdTasks(service: Service, caller: Principal, id: number): Promise<readonly PrdTaskLine[]> {
  return await consult(service, caller, 'prd.read', async (reader) => {
    await getPrd(reader, id)
    return (await listPrdTasks(reader, id)).map((task) => ({
      id: taskKey(task.id),
      title: task.title,
      repository: task.repository,
      status: task.status,
      ready: task.status === 'todo' && task.waitingOn === 0,
      stale: task.stale,
    }))
  })
}

/** The newest first, at most so many. */
export async function readPrdHistory(
  service: Service,
  caller: Principal,
  id: number,
  limit: number,
): Promise<readonly PrdRevision[]> {
  return await consult(service, caller, 'prd.read', async (reader) => {
    await getPrd(reader, id)
    return await listPrdRevisions(reader, id, limit)
  })
}

/** Unified diff between two revisions. */
export async function diffPrd(
  service: Service,
  caller: Principal,
  id: number,
  from: number,
  to: number,
): Promise<string> {
  const before = await readPrdBody(service, caller, id, { revision: from })
  const after = await readPrdBody(service, caller, id, { revision: to })
  return unifiedDiff(before.body, after.body, [`${prdKey(id)} revision ${from}`, `${prdKey(id)} revision ${to}`])
}

export interface PrdQuery {
  readonly query?: string | undefined
  readonly kind?: PrdKind | undefined
  readonly state?: PrdState | undefined
  readonly repository?: string | undefined
  readonly parent?: number | undefined
  readonly deleted?: boolean | undefined
  readonly before?: number | undefined
  readonly limit: number
}

export interface PrdLine {
  readonly prd: Prd
  readonly tasks: TaskCounts
  /** Where the words of the query occur. */
  readonly snippet?: string
  /** Where its text was imported from. */
  readonly origin: string | undefined
}

const NO_TASKS: TaskCounts = { total: 0, ready: 0, stale: 0, byStatus: {} }

export async function queryPrds(
  service: Service,
  caller: Principal,
  query: PrdQuery,
): Promise<{ readonly prds: readonly PrdLine[]; readonly total: number; readonly capped: number | undefined }> {
  return await consult(service, caller, 'prd.read', async (reader) => {
    const repositoryId =
      query.repository === undefined ? undefined : (await resolveRepository(reader, query.repository)).id
    if (query.parent !== undefined && (await findPrd(reader, query.parent)) === undefined) throw noSuchPrd(query.parent)
    const snippets = new Map<number, string>()
    const hits =
      query.query === undefined
        ? []
        : await reader.dialect.searchText(reader, query.query, ['prd', 'requirement', 'task'], MAX_HITS)
    const prdOf = await prdsOfHits(reader, hits)
    for (const hit of hits) {
      const prdId = prdOf(hit)
      if (prdId !== undefined && !snippets.has(prdId)) snippets.set(prdId, hit.snippet)
    }
    const { prds, total } = await listPrds(
      reader,
      {
        kind: query.kind,
        state: query.state,
        repositoryId,
        parentId: query.parent,
        deleted: query.deleted ?? false,
        ids: query.query === undefined ? undefined : [...snippets.keys()],
      },
      { before: query.before, limit: query.limit },
    )
    const ids = prds.map((prd) => prd.id)
    const counts = await countTasks(reader, 'prd_id', { prdIds: ids })
    const origins = await mapOrigins(reader, 'prd', ids)
    const lines: PrdLine[] = []
    for (const prd of prds) {
      const snippet = snippets.get(prd.id)
      lines.push({
        prd: presentPrd(prd),
        tasks: counts.get(prd.id) ?? NO_TASKS,
        ...(snippet !== undefined && { snippet }),
        origin: origins.get(prd.id),
      })
    }
    return { prds: lines, total, capped: hits.length === MAX_HITS ? MAX_HITS : undefined }
  })
}

interface Hit {
  readonly kind: string
  readonly id: number
}

/** Which PRD each hit belongs to, looked up for all at once. */
async function prdsOfHits(
  reader: Parameters<typeof getPrd>[0],
  hits: readonly Hit[],
): Promise<(hit: Hit) => number | undefined> {
  const idsOf = (kind: string) => hits.filter((hit) => hit.kind === kind).map(({ id }) => id)
  const requirements = await mapRequirements(reader, idsOf('requirement'))
  const tasks = new Map((await findTasks(reader, idsOf('task'))).map(({ id, prdId }) => [id, prdId]))
  return ({ kind, id }) => (kind === 'prd' ? id : (kind === 'requirement' ? requirements : tasks).get(id))
}

/** Progress of one PRD by repository, and over all. */
export async function readPrdProgress(
  service: Service,
  caller: Principal,
  id: number,
): Promise<{
  readonly all: TaskCounts
  readonly repositories: readonly { readonly name: string; readonly tasks: TaskCounts }[]
}> {
  return await consult(service, caller, 'prd.read', async (reader) => {
    const prd = await getPrd(reader, id)
    const groups = await countTasks(reader, 'repository_id', { prdIds: [id] })
    const names = await listRepositoryNames(reader)
    const shown = names.filter((entry) => prd.repositoryIds.includes(entry.id) || groups.has(entry.id))
    return {
      all: addCounts(groups.values()),
      repositories: shown.map((entry) => ({ name: entry.name, tasks: groups.get(entry.id) ?? NO_TASKS })),
    }
  })
}
