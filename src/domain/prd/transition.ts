import { prdKey } from '../../../schemas/key.ts'
import type { PrdKind, PrdState } from '../../../schemas/prd.ts'
import { checkText, hashText, normalizeText } from '../../documents/text.ts'
import type { Tx } from '../../store/database.ts'
import { appendEvent, type EventContent } from '../../store/events.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { insertPrd, insertPrdRevision, setPrdRepositories, updatePrd } from '../../store/prd/prd-rows.ts'
import { findPrd, findPrdBody, type PrdFields, type PrdRecord } from '../../store/prd/prds.ts'
import { countUncovered } from '../../store/prd/requirements.ts'
import { addCounts, countTasks } from '../../store/progress.ts'
import { followText, type RequirementChange } from '../requirement/follow.ts'
import type { Doer } from '../task/transition.ts'

/**
 * The one door to the rows of PRDs: each function writes row, text, repositories, search index and one event for each
 * version. Rules about who may do what, and when, stand with the callers.
 */

/** A PRD that is about to be stored; what it names is known to be there. */
export interface NewPrd {
  /** A number that was reserved in this transaction; else the next one. */
  readonly id?: number
  readonly title: string
  readonly kind: PrdKind
  readonly body: string
  readonly repositoryIds: readonly number[]
  readonly owners?: readonly string[] | undefined
  readonly parentId?: number | undefined
  readonly state?: PrdState
  readonly createdAt?: number | undefined
  readonly updatedAt?: number | undefined
  /** How it came to be, for its first revision and the feed: "created" or "imported from …". */
  readonly reason: string
}

/** Stores a PRD with its first revision, its requirements and its event. */
export async function addPrd(
  tx: Tx,
  doer: Doer,
  draft: NewPrd,
): Promise<{ readonly id: number; readonly requirements: number }> {
  const { actor, now } = doer
  const body = normalizeText(draft.body)
  checkText(body)
  const id = draft.id ?? (await reserveNumbers(tx, 'prd'))
  const fields: PrdFields = {
    title: draft.title,
    kind: draft.kind,
    state: draft.state ?? 'draft',
    parentId: draft.parentId,
    owners: draft.owners ?? [],
    revision: 1,
    version: 1,
    hash: hashText(body),
    createdAt: draft.createdAt ?? now,
    updatedAt: draft.updatedAt ?? now,
    deletedAt: undefined,
  }
  await insertPrd(tx, id, fields)
  await setPrdRepositories(tx, id, draft.repositoryIds)
  await insertPrdRevision(tx, id, { number: 1, hash: fields.hash, actor, reason: draft.reason, at: now }, body)
  const { added } = await followText(tx, doer, id, body, 1)
  await tx.dialect.indexText(tx, { kind: 'prd', id, title: draft.title, body })
  await appendEvent(tx, {
    at: now,
    type: 'prd.created',
    subject: prdKey(id),
    prdId: id,
    actor,
    revision: 1,
    payload: { title: draft.title, kind: draft.kind, reason: draft.reason, requirements: added.length },
  })
  return { id, requirements: added.length }
}

/** Stores a text as the next revision; its requirements keep their keys. The text is normalised and differs from the one before. */
export async function writeRevision(
  tx: Tx,
  doer: Doer,
  prd: PrdRecord,
  body: string,
  edit: { readonly reason: string; readonly basedOn: number },
): Promise<{ readonly revision: number; readonly hash: string; readonly requirements: RequirementChange }> {
  checkText(body)
  const { actor, now } = doer
  const revision = prd.revision + 1
  const hash = hashText(body)
  const merged = edit.basedOn !== prd.revision
  await insertPrdRevision(
    tx,
    prd.id,
    { number: revision, hash, actor, reason: edit.reason, ...(merged && { basedOn: edit.basedOn }), at: now },
    body,
  )
  await updatePrd(tx, prd.id, { ...prd, revision, hash, version: prd.version + 1, updatedAt: now })
  await tx.dialect.indexText(tx, { kind: 'prd', id: prd.id, title: prd.title, body })
  const requirements = await followText(tx, doer, prd.id, body, revision)
  await appendEvent(tx, {
    at: now,
    type: 'prd.edited',
    subject: prdKey(prd.id),
    prdId: prd.id,
    actor,
    revision,
    payload: { version: prd.version + 1, reason: edit.reason, base: edit.basedOn, merged, requirements },
  })
  return { revision, hash, requirements }
}

/** What changes of a PRD beside its text; null takes away what is there. */
export interface PrdAlteration {
  readonly title?: string | undefined
  readonly owners?: readonly string[] | undefined
  readonly state?: PrdState | undefined
  readonly parentId?: number | null | undefined
  readonly deletedAt?: number | null | undefined
  readonly repositoryIds?: readonly number[] | undefined
}

type PrdChangeEvent = Extract<
  EventContent,
  { readonly type: 'prd.updated' | 'prd.deleted' | 'prd.restored' | `prd.${PrdState}` }
>

/** Writes one version of the record; resolves to the PRD as it is then. */
export async function changePrd(
  tx: Tx,
  { actor, now }: Doer,
  prd: PrdRecord,
  { title, owners, state, parentId, deletedAt, repositoryIds }: PrdAlteration,
  event: PrdChangeEvent,
): Promise<PrdRecord> {
  if (repositoryIds !== undefined) await setPrdRepositories(tx, prd.id, repositoryIds)
  const version = prd.version + 1
  const changed: PrdRecord = {
    ...prd,
    title: title ?? prd.title,
    owners: owners ?? prd.owners,
    state: state ?? prd.state,
    parentId: parentId === undefined ? prd.parentId : (parentId ?? undefined),
    deletedAt: deletedAt === undefined ? prd.deletedAt : (deletedAt ?? undefined),
    version,
    updatedAt: now,
  }
  await updatePrd(tx, prd.id, changed)
  if (title !== undefined) {
    const body = (await findPrdBody(tx, prd.id, prd.revision)) ?? ''
    await tx.dialect.indexText(tx, { kind: 'prd', id: prd.id, title, body })
  }
  await appendEvent(tx, { at: now, subject: prdKey(prd.id), prdId: prd.id, actor, revision: version, ...event })
  return changed
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
  const doer: Doer = { actor: { kind: 'system', name: 'speki' }, now }
  await changePrd(
    tx,
    doer,
    prd,
    { state },
    { type: `prd.${state}`, payload: { from: prd.state, to: state, done, open } },
  )
}
