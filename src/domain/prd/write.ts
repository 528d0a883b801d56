import type { Actor } from '../../../schemas/actor.ts'
import { prdKey } from '../../../schemas/key.ts'
import type { PrdKind, PrdState } from '../../../schemas/prd.ts'
import { checkText, hashText, normalizeText } from '../../documents/text.ts'
import type { Tx } from '../../store/database.ts'
import { appendEvent } from '../../store/events.ts'
import { reserveNumbers } from '../../store/keys.ts'
import {
  insertPrd,
  insertPrdRevision,
  type PrdFields,
  type PrdRecord,
  setPrdRepositories,
  updatePrd,
} from '../../store/prd/prds.ts'
import { followText, type RequirementChange } from '../requirement/follow.ts'

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
  actor: Actor,
  draft: NewPrd,
  now: number,
): Promise<{ readonly id: number; readonly requirements: number }> {
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
  const { added } = await followText(tx, id, body, 1)
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
  actor: Actor,
  prd: PrdRecord,
  body: string,
  edit: { readonly reason: string; readonly basedOn: number },
  now: number,
): Promise<{ readonly revision: number; readonly hash: string; readonly requirements: RequirementChange }> {
  checkText(body)
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
  const requirements = await followText(tx, prd.id, body, revision)
  await appendEvent(tx, {
    at: now,
    type: 'prd.edited',
    subject: prdKey(prd.id),
    prdId: prd.id,
    actor,
    revision,
    payload: { reason: edit.reason, base: edit.basedOn, merged, requirements },
  })
  return { revision, hash, requirements }
}
