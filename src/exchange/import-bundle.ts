import { createHash } from 'node:crypto'
import { actorOf, type Principal } from '../../schemas/actor.ts'
import type { Bundle, BundleFormat } from '../../schemas/bundle.ts'
import { can } from '../domain/access/can.ts'
import { consult, type Request, type Service, transact } from '../domain/service.ts'
import { SpekiError } from '../errors.ts'
import type { Reader } from '../store/database.ts'
import { listRepositories } from '../store/repositories.ts'
import { applyImport } from './apply-import.ts'
import type { Format } from './format.ts'
import { type LocalState, readLocalState } from './local-state.ts'
import { placeOf } from './place.ts'
import { type ImportPlan, planImport } from './plan-import.ts'

export interface ImportOutcome {
  readonly format: BundleFormat
  readonly title: string
  readonly bundle: Bundle
  readonly plan: ImportPlan
  /** Names this preview; the same call with it imports. Absent where nothing would change, and after the import. */
  readonly confirm: string | undefined
  /** Keys of what was read, by ref; empty on a preview. */
  readonly prds: ReadonlyMap<string, number>
  readonly tasks: ReadonlyMap<string, number>
}

/** No caller outside can write it. */
export const WITHOUT_PREVIEW = Symbol('without preview')

export interface BundleOrder {
  readonly bundle: Bundle
  readonly format: Pick<Format, 'name' | 'title'>
  /** Folder it was read from. */
  readonly root: string
  readonly repositoryId?: number | undefined
  /** Token of the preview; whoever looks by other means than a preview says so. */
  readonly confirm?: string | typeof WITHOUT_PREVIEW | undefined
}

/** Previews what a bundle that passed `checkBundle` brings, or imports it whole, in the transaction that looked. */
export async function importBundle(
  service: Service,
  caller: Principal,
  order: BundleOrder,
  request?: Request,
): Promise<ImportOutcome> {
  const { bundle, format } = order
  const byPerson = can(caller, 'import.approved').allowed
  const base = { format: format.name, title: format.title, bundle }
  if (order.confirm === undefined) {
    return await consult(service, caller, 'import.run', async (reader) => {
      const { plan, token } = await prepare(reader, order, byPerson)
      return { ...base, plan, confirm: changesOf(plan) === 0 ? undefined : token, prds: new Map(), tasks: new Map() }
    })
  }
  return await transact(
    service,
    caller,
    'import.run',
    async (tx, now) => {
      const { plan, local, token, repositoryOf } = await prepare(tx, order, byPerson)
      if (order.confirm !== WITHOUT_PREVIEW && order.confirm !== token) {
        throw new SpekiError(
          'conflict',
          'What would be imported is no longer what the preview showed. Nothing was imported.',
          {
            hint: 'Call again without confirm, look at the new preview, and confirm that.',
          },
        )
      }
      const { prds, tasks } = await applyImport(tx, {
        bundle,
        local,
        plan,
        actor: actorOf(caller),
        title: format.title,
        repositoryOf,
        now,
      })
      return { ...base, plan, confirm: undefined, prds, tasks }
    },
    request,
  )
}

interface Preparation {
  readonly plan: ImportPlan
  readonly local: LocalState
  readonly token: string
  readonly repositoryOf: (name: string | undefined) => number | undefined
}

async function prepare(reader: Reader, order: BundleOrder, byPerson: boolean): Promise<Preparation> {
  const { bundle, root } = order
  const repositories = await listRepositories(reader)
  const place = placeOf(root, repositories)
  const byName = new Map(repositories.map((entry) => [entry.name.toLowerCase(), entry.id]))
  const byDefault = order.repositoryId ?? place.repositoryId
  const repositoryOf = (name: string | undefined) =>
    name === undefined ? byDefault : (byName.get(name.toLowerCase()) ?? byDefault)
  const local = await readLocalState(reader, bundle, place.name)
  const plan = planImport(bundle, local, byPerson)
  const homeless = byDefault === undefined && plan.newTasks.some((task) => repositoryOf(task.repository) === undefined)
  const shown = {
    plan: {
      ...plan,
      left: homeless
        ? [...plan.left, 'its tasks need a repository: register the one it lies in, or give repository="…"']
        : plan.left,
    },
  }
  const token = createHash('sha256')
    .update(JSON.stringify([shown.plan, byDefault, local.source]))
    .digest('hex')
    .slice(0, 12)
  return { plan: shown.plan, local, token, repositoryOf }
}

function changesOf(plan: ImportPlan): number {
  return (
    plan.newPrds.length +
    plan.newTasks.length +
    plan.newKnowledge.length +
    plan.changedPrds.length +
    plan.changedTasks.length
  )
}
