import type { Principal } from '../../../schemas/actor.ts'
import type { Repository, RepositoryHealth } from '../../../schemas/repository.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import { countTasks, type TaskCounts } from '../../store/progress.ts'
import { listRepositories, type RepositoryRecord } from '../../store/repositories.ts'
import { consult, type Service } from '../service.ts'
import { presentRepository, type RepositoryProbe, resolveRepository } from './repository.ts'

export interface RepositoryLine {
  readonly repository: Repository
  readonly health: RepositoryHealth
  readonly tasks: TaskCounts
}

const NO_TASKS: TaskCounts = { total: 0, ready: 0, stale: 0, byStatus: {} }

/** A page by name; `after` is the last name of the page before. Whether each path still holds its repository is looked up now. */
export async function queryRepositories(
  service: Service,
  caller: Principal,
  probe: Pick<RepositoryProbe, 'health'>,
  query: { readonly query?: string | undefined; readonly after?: string | undefined; readonly limit: number },
  signal: AbortSignal,
): Promise<{ readonly repositories: readonly RepositoryLine[]; readonly total: number; readonly left: number }> {
  const { records, counts } = await consult(service, caller, 'repository.read', async (reader) => ({
    records: await listRepositories(reader),
    counts: await countTasks(reader, 'repository_id'),
  }))
  const wanted = query.query?.toLowerCase()
  const matching =
    wanted === undefined ? records : records.filter((record) => record.name.toLowerCase().includes(wanted))
  const before = matching.findIndex((record) => record.name === query.after)
  if (query.after !== undefined && before < 0)
    throw new SpekiError('not_found', `No page follows the repository "${query.after}": it is not among them.`, {
      hint: hint`Begin again without cursor: ${step('repository_list', { query: query.query })}.`,
    })
  const start = before + 1
  const page = matching.slice(start, start + query.limit)
  const repositories = await Promise.all(
    page.map(async (record) => ({
      repository: presentRepository(record),
      health: await probe.health(record, signal),
      tasks: counts.get(record.id) ?? NO_TASKS,
    })),
  )
  return { repositories, total: matching.length, left: matching.length - start - page.length }
}

/** Folders of packages of a working copy that no entry stands for yet. */
export async function unregisteredPackages(service: Service, caller: Principal, root: string): Promise<string[]> {
  const records = await consult(service, caller, 'repository.read', listRepositories)
  const own = records.filter((record) => record.root === root)
  const known = new Set(own.map(({ subpath }) => subpath))
  const whole = own.find(({ subpath }) => subpath === '.')
  return (whole?.facts.packages ?? []).map(({ path }) => path).filter((path) => path !== '.' && !known.has(path))
}

/** The record of a repository by name or unique prefix. */
export async function getRepository(
  service: Service,
  caller: Principal,
  nameOrPrefix: string,
): Promise<RepositoryRecord> {
  return await consult(service, caller, 'repository.read', async (reader) => {
    const { id } = await resolveRepository(reader, nameOrPrefix)
    const record = (await listRepositories(reader)).find((entry) => entry.id === id)
    if (record === undefined) throw new Error(`repository ${id} vanished inside one snapshot`)
    return record
  })
}
