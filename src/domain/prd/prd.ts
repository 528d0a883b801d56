import { actorOf, type Principal } from '../../../schemas/actor.ts'
import type { Prd, PrdKind, PrdState } from '../../../schemas/prd.ts'
import { SpekiError } from '../../errors.ts'
import { pathBetween } from '../../graph.ts'
import type { Reader, Tx } from '../../store/database.ts'
import { appendEvent } from '../../store/events.ts'
import {
  findPrd,
  findPrdBody,
  mapParents,
  type PrdFields,
  type PrdRecord,
  presentPrd,
  setPrdRepositories,
  updatePrd,
} from '../../store/prd/prds.ts'
import { countUncovered } from '../../store/prd/requirements.ts'
import { addCounts, countTasks } from '../../store/progress.ts'
import { requireReady } from '../check/gate.ts'
import { resolveRepository } from '../repository/repository.ts'
import { type Request, type Service, transact } from '../service.ts'
import { checkTransition } from './state.ts'
import { addPrd } from './write.ts'

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
        actorOf(caller),
        { ...draft, repositoryIds, parentId: draft.parent, reason: 'created' },
        now,
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
          `PRD-${id} is at version ${prd.version}, you read ${version}; nothing was changed.`,
          { hint: 'Read it again with prd_get and repeat the change.' },
        )
      }
      if (prd.deletedAt !== undefined && change.deleted !== false) throw deletedPrd(id)
      if (change.state !== undefined && change.state !== prd.state) {
        checkTransition(`PRD-${id}`, prd.state, change.state, caller, await openTasks(tx, id))
        if (change.state === 'approved') await requireReady(tx, prd, 'approve')
      }
      if (typeof change.parent === 'number') await checkParent(tx, id, change.parent)
      if (change.repositories !== undefined) await setPrdRepositories(tx, id, await resolveAll(tx, change.repositories))
      const fields: PrdFields = {
        ...prd,
        title: change.title ?? prd.title,
        state: change.state ?? prd.state,
        owners: change.owners ?? prd.owners,
        parentId: change.parent === undefined ? prd.parentId : (change.parent ?? undefined),
        deletedAt: change.deleted === undefined ? prd.deletedAt : change.deleted ? now : undefined,
        version: prd.version + 1,
        updatedAt: now,
      }
      await updatePrd(tx, id, fields)
      if (change.title !== undefined)
        await tx.dialect.indexText(tx, { kind: 'prd', id, title: change.title, body: await currentBody(tx, prd) })
      const { deleted, state, ...rest } = change
      await appendEvent(tx, {
        at: now,
        type:
          deleted === true
            ? 'prd.deleted'
            : deleted === false
              ? 'prd.restored'
              : state !== undefined && state !== prd.state
                ? `prd.${state}`
                : 'prd.updated',
        subject: `PRD-${id}`,
        prdId: id,
        actor: actorOf(caller),
        revision: fields.version,
        payload: { ...rest, ...(state !== undefined && { from: prd.state, to: state }) },
      })
      return presentPrd({ ...(await findPrdOrThrow(tx, id)) })
    },
    request,
  )
}

/** Work moves a PRD without anyone asking: the first claim starts it, the last completion closes it, new work reopens it. */
export async function followWork(tx: Tx, prdId: number | undefined, now: number): Promise<void> {
  if (prdId === undefined) return
  const prd = await findPrd(tx, prdId)
  if (prd === undefined || prd.deletedAt !== undefined || prd.state === 'archived') return
  const counts = addCounts((await countTasks(tx, 'prd_id', { prdIds: [prdId] })).values())
  const done = counts.byStatus.done ?? 0
  const open = counts.total - done - (counts.byStatus.cancelled ?? 0)
  const started = done + (counts.byStatus.in_progress ?? 0) + (counts.byStatus.in_review ?? 0) > 0
  const uncovered = open === 0 && done > 0 ? await countUncovered(tx, prdId) : 0
  const complete = open === 0 && done > 0 && counts.stale === 0 && uncovered === 0
  const state = complete ? 'completed' : started ? 'in_progress' : prd.state === 'completed' ? 'in_progress' : prd.state
  if (state === prd.state) return
  await updatePrd(tx, prdId, { ...prd, state, version: prd.version + 1, updatedAt: now })
  await appendEvent(tx, {
    at: now,
    type: `prd.${state}`,
    subject: `PRD-${prdId}`,
    prdId,
    actor: { kind: 'system', name: 'speki' },
    revision: prd.version + 1,
    payload: { from: prd.state, to: state, done, open },
  })
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

function noSuchPrd(id: number): SpekiError {
  return new SpekiError('not_found', `There is no PRD-${id}.`, { hint: 'List them with prd_list.' })
}

function deletedPrd(id: number): SpekiError {
  return new SpekiError('precondition_failed', `PRD-${id} was deleted.`, {
    hint: `Bring it back with prd_update id="PRD-${id}" deleted=false.`,
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
  const circle = [id, ...path].map((at) => `PRD-${at}`).join(' → ')
  throw new SpekiError('invalid_input', `That parent closes a circle: ${circle}.`, {
    hint: 'Choose a parent that is not below it.',
  })
}

async function currentBody(reader: Reader, prd: PrdRecord): Promise<string> {
  return (await findPrdBody(reader, prd.id, prd.revision)) ?? ''
}
