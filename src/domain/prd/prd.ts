import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { prdKey } from '../../../schemas/key.ts'
import type { Prd, PrdKind, PrdState } from '../../../schemas/prd.ts'
import { SpekiError } from '../../errors.ts'
import { pathBetween } from '../../graph.ts'
import { hint, step } from '../../step.ts'
import type { Reader } from '../../store/database.ts'
import { findPrd, mapParents, type PrdRecord, presentPrd } from '../../store/prd/prds.ts'
import { addCounts, countTasks } from '../../store/progress.ts'
import { requireReady } from '../check/gate.ts'
import { resolveRepository } from '../repository/repository.ts'
import { type Request, type Service, transact } from '../service.ts'
import { checkTransition } from './state.ts'
import { addPrd, changePrd } from './transition.ts'

export interface PrdDraft {
  readonly title: string
  readonly kind: PrdKind
  readonly body: string
  readonly repositories: readonly string[]
  readonly owners?: readonly string[] | undefined
  readonly parent?: number | undefined
}

export async function createPrd(
  service: Service,
  caller: Principal,
  draft: PrdDraft,
  request?: Request,
): Promise<{ readonly prd: Prd; readonly requirements: number }> {
  return await transact(
    service,
    caller,
    'prd.create',
    async (tx, now) => {
      if (draft.parent !== undefined) await getPrd(tx, draft.parent)
      const repositoryIds = await resolveAll(tx, draft.repositories)
      const { id, requirements } = await addPrd(
        tx,
        { actor: actorOf(caller), now },
        { ...draft, repositoryIds, parentId: draft.parent, reason: 'created' },
      )
      return { prd: presentPrd(await getPrd(tx, id)), requirements }
    },
    request,
  )
}

export interface PrdChange {
  readonly title?: string | undefined
  readonly state?: PrdState | undefined
  readonly owners?: readonly string[] | undefined
  readonly repositories?: readonly string[] | undefined
  /** null makes it stand alone. */
  readonly parent?: number | null | undefined
  /** true hides it and its tasks, false brings them back. */
  readonly deleted?: boolean | undefined
}

/** Changes anything but the text. `version` is the one the caller read. */
export async function updatePrdRecord(
  service: Service,
  caller: Principal,
  id: number,
  version: number | undefined,
  change: PrdChange,
  request?: Request,
): Promise<Prd> {
  return await transact(
    service,
    caller,
    'prd.update',
    async (tx, now) => {
      const prd = await findPrd(tx, id)
      if (prd === undefined) throw noSuchPrd(id)
      if (version !== undefined && version !== prd.version) {
        throw new SpekiError(
          'conflict',
          `${prdKey(id)} is at version ${prd.version}, you read ${version}; nothing was changed.`,
          { hint: hint`Read it again with ${step('prd_get', { prd: prdKey(id) })} and repeat the change.` },
        )
      }
      if (prd.deletedAt !== undefined && change.deleted !== false) throw deletedPrd(id)
      if (change.state !== undefined && change.state !== prd.state) {
        checkTransition(prdKey(id), prd.state, change.state, caller, await openTasks(tx, id))
        if (change.state === 'approved') await requireReady(tx, prd, 'approve')
      }
      if (typeof change.parent === 'number') await checkParent(tx, id, change.parent)
      const repositoryIds = change.repositories && (await resolveAll(tx, change.repositories))
      const { deleted, state, parent, title, owners, ...rest } = change
      await changePrd(
        tx,
        { actor: actorOf(caller), now },
        prd,
        {
          ...{ title, owners, state, repositoryIds },
          ...(parent !== undefined && { parentId: parent }),
          ...(deleted !== undefined && { deletedAt: deleted ? now : null }),
        },
        {
          type: changeName(prd, change),
          payload: { ...rest, title, owners, parent, ...(state !== undefined && { from: prd.state, to: state }) },
        },
      )
      return presentPrd({ ...(await findPrdOrThrow(tx, id)) })
    },
    request,
  )
}

function changeName(prd: PrdRecord, { deleted, state }: PrdChange) {
  if (deleted !== undefined) return deleted ? 'prd.deleted' : 'prd.restored'
  return state !== undefined && state !== prd.state ? (`prd.${state}` as const) : 'prd.updated'
}

/** The PRD; throws where there is none or it was deleted. */
export async function getPrd(reader: Reader, id: number): Promise<PrdRecord> {
  const prd = await findPrdOrThrow(reader, id)
  if (prd.deletedAt !== undefined) throw deletedPrd(id)
  return prd
}

async function findPrdOrThrow(reader: Reader, id: number): Promise<PrdRecord> {
  const prd = await findPrd(reader, id)
  if (prd === undefined) throw noSuchPrd(id)
  return prd
}

export function noSuchPrd(id: number): SpekiError {
  return new SpekiError('not_found', `There is no ${prdKey(id)}.`, { hint: hint`List them with ${step('prd_list')}.` })
}

function deletedPrd(id: number): SpekiError {
  return new SpekiError('precondition_failed', `${prdKey(id)} was deleted.`, {
    hint: hint`Bring it back with ${step('prd_update', { prd: prdKey(id), deleted: false })}.`,
  })
}

async function resolveAll(reader: Reader, names: readonly string[]): Promise<readonly number[]> {
  const ids: number[] = []
  for (const name of names) ids.push((await resolveRepository(reader, name)).id)
  return ids
}

async function openTasks(reader: Reader, prdId: number): Promise<number> {
  const counts = addCounts((await countTasks(reader, 'prd_id', { prdIds: [prdId] })).values())
  return counts.total - (counts.byStatus.done ?? 0) - (counts.byStatus.cancelled ?? 0)
}

async function checkParent(reader: Reader, id: number, parentId: number): Promise<void> {
  await getPrd(reader, parentId)
  const parents = await mapParents(reader)
  const path = pathBetween(parentId, id, (at) => [parents.get(at) ?? []].flat())
  if (path === undefined) return
  const circle = [id, ...path].map((at) => prdKey(at)).join(' → ')
  throw new SpekiError('invalid_input', `That parent closes a circle: ${circle}.`, {
    hint: 'Choose a parent that is not below it.',
  })
}
