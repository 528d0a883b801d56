import { createHash } from 'node:crypto'
import { z } from 'zod'
import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { keyNumber, prdKey } from '../../../schemas/key.ts'
import type { SourceLines } from '../../../schemas/requirement.ts'
import { normalizeText } from '../../documents/text.ts'
import { SpekiError } from '../../errors.ts'
import { cutting, extraction, splitting } from '../../reading/readings.ts'
import type { SplitProposal } from '../../spec/split/proposal.ts'
import { BLANK, hint, step } from '../../step.ts'
import type { Reader, Tx } from '../../store/database.ts'
import { appendEvent, findLastEvent } from '../../store/events.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { findPrdBody, findPrds, type PrdRecord } from '../../store/prd/prds.ts'
import { listPrdTasks } from '../../store/task/tasks.ts'
import { consult, type Request, type Service, transact } from '../service.ts'
import { getPrd } from './prd.ts'
import { addPrd, changePrd, writeRevision } from './transition.ts'

export interface SplitAnswer {
  readonly reason: string
  readonly children: { title: string; lines: string; requirements: number; reason: string }[]
  /** Lines that stay in the parent. */
  readonly kept: string
  /** Token of this proposal; the same call with it splits. */
  readonly confirm?: string
  /** Keys of the children, after the split. */
  readonly created?: string[]
}

/** What a split would look like, where the text is too big for one plan or somebody asks. Changes nothing. */
export async function previewSplit(
  service: Service,
  caller: Principal,
  id: number,
  asked: boolean,
): Promise<SplitAnswer | undefined> {
  const { prd, body } = await consult(service, caller, 'prd.read', async (reader) => await readBody(reader, id))
  const proposal = await splitting.ahead({ text: body, kind: prd.kind, always: asked })
  if (proposal === undefined) {
    if (!asked) return undefined
    throw new SpekiError('precondition_failed', `${prdKey(id)} has no place where it could be cut sensibly.`, {
      hint: 'Give each capability a section of its own under "## Requirements", then ask again.',
    })
  }
  return { ...describe(body, proposal), ...(asked && { confirm: tokenOf(prd, proposal) }) }
}

/** Cuts a PRD into children that together hold each of its lines once; the parent keeps the rest. `undoSplit` takes it back. */
export async function applySplit(
  service: Service,
  caller: Principal,
  id: number,
  confirm: string,
  request?: Request,
): Promise<SplitAnswer> {
  return await transact(
    service,
    caller,
    'prd.split',
    async (tx, now) => {
      const { prd, body } = await readBody(tx, id)
      const proposal = splitting.now({ text: body, kind: prd.kind, always: true })
      if (proposal === undefined || tokenOf(prd, proposal) !== confirm) {
        throw new SpekiError('conflict', `${prdKey(id)} changed since the proposal was made. Nothing was changed.`, {
          hint: hint`Look at it again with ${step('prd_check', { prd: prdKey(id), apply_split: true })}.`,
        })
      }
      await refusePlanned(tx, prd)
      const first = await reserveNumbers(tx, 'prd', proposal.children.length)
      const created = proposal.children.map((_, place) => prdKey(first + place))
      const { parent, children } = cutting.now({
        text: body,
        title: prd.title,
        proposal,
        parentKey: prdKey(id),
        childKeys: created,
      })
      extraction.expect([parent, ...children].map((part) => ({ text: normalizeText(part.body) })))
      for (const [place, child] of children.entries()) {
        await addPrd(
          tx,
          { actor: actorOf(caller), now },
          {
            id: first + place,
            title: child.title.slice(0, 300),
            kind: prd.kind,
            body: child.body,
            owners: prd.owners,
            repositoryIds: prd.repositoryIds,
            parentId: id,
            reason: `split from ${prdKey(id)}`,
          },
        )
      }
      const { revision } = await writeRevision(tx, { actor: actorOf(caller), now }, prd, normalizeText(parent.body), {
        reason: `split into ${created.join(', ')}`,
        basedOn: prd.revision,
      })
      await appendEvent(tx, {
        at: now,
        type: 'prd.split',
        subject: prdKey(id),
        prdId: id,
        actor: actorOf(caller),
        revision,
        payload: { children: created, before: prd.revision, after: revision },
      })
      return { ...describe(body, proposal), created }
    },
    request,
  )
}

const Split = z.object({ children: z.array(z.string()), before: z.int(), after: z.int() })

/** Takes the last split back: the parent has its text again, and the children are deleted. Refused once one of them was worked on. */
export async function undoSplit(
  service: Service,
  caller: Principal,
  id: number,
  request?: Request,
): Promise<{ readonly revision: number; readonly deleted: readonly string[] }> {
  return await transact(
    service,
    caller,
    'prd.split',
    async (tx, now) => {
      const prd = await getPrd(tx, id)
      const event = await findLastEvent(tx, prdKey(id), ['prd.split', 'prd.split_undone'])
      if (event === undefined || event.type !== 'prd.split') {
        throw new SpekiError('precondition_failed', `${prdKey(id)} has no split to take back.`, {
          hint: hint`See ${step('prd_get', { prd: prdKey(id), include: ['history'] })}.`,
        })
      }
      const { children: keys, before, after } = Split.parse(event.payload)
      const children = await findPrds(
        tx,
        keys.map((key) => keyNumber(key)),
      )
      const changed: string[] = prd.revision === after ? [] : [prdKey(id)]
      for (const child of children)
        if (child.revision > 1 || child.deletedAt !== undefined || (await listPrdTasks(tx, child.id)).length > 0)
          changed.push(prdKey(child.id))
      if (changed.length > 0) {
        throw new SpekiError(
          'conflict',
          `Work has gone on in ${changed.join(', ')} since the split; nothing was taken back.`,
          {
            hint: hint`The text before is revision ${before}: ${step('prd_get', { prd: prdKey(id), revision: before })}.`,
          },
        )
      }
      const body = await findPrdBody(tx, id, before)
      if (body === undefined) throw new SpekiError('internal', `${prdKey(id)} has no revision ${before}.`)
      const { revision } = await writeRevision(tx, { actor: actorOf(caller), now }, prd, body, {
        reason: 'split taken back',
        basedOn: prd.revision,
      })
      for (const child of children)
        await changePrd(
          tx,
          { actor: actorOf(caller), now },
          child,
          { deletedAt: now },
          { type: 'prd.deleted', payload: { splitOf: prdKey(id) } },
        )
      await appendEvent(tx, {
        at: now,
        type: 'prd.split_undone',
        subject: prdKey(id),
        prdId: id,
        actor: actorOf(caller),
        revision,
        payload: { children: keys },
      })
      return { revision, deleted: keys }
    },
    request,
  )
}

async function readBody(reader: Reader, id: number): Promise<{ readonly prd: PrdRecord; readonly body: string }> {
  const prd = await getPrd(reader, id)
  return { prd, body: (await findPrdBody(reader, id, prd.revision)) ?? '' }
}

/** Tasks trace to requirements that would move away from under them. */
async function refusePlanned(tx: Tx, prd: PrdRecord): Promise<void> {
  const open = (await listPrdTasks(tx, prd.id)).filter(({ status }) => status !== 'cancelled')
  if (open.length === 0) return
  throw new SpekiError(
    'precondition_failed',
    `${prdKey(prd.id)} has ${open.length} task(s) already; it is split before it is planned.`,
    {
      hint: hint`Cancel them first with ${step('task_update', { task: BLANK, status: 'cancelled' })}, or leave the text whole and plan it in parts.`,
    },
  )
}

function tokenOf(prd: PrdRecord, proposal: SplitProposal): string {
  return createHash('sha256')
    .update(`${prd.hash} ${JSON.stringify(proposal)}`)
    .digest('hex')
    .slice(0, 12)
}

function describe(body: string, { reason, children }: SplitProposal): SplitAnswer {
  const taken = new Set(
    children.flatMap(({ lines }) =>
      lines.flatMap(({ start, end }) => Array.from({ length: end - start + 1 }, (_, index) => start + index)),
    ),
  )
  const kept: SourceLines[] = []
  for (let line = 1; line <= body.split('\n').length; line++) {
    if (taken.has(line)) continue
    const last = kept.at(-1)
    if (last !== undefined && last.end === line - 1) kept[kept.length - 1] = { start: last.start, end: line }
    else kept.push({ start: line, end: line })
  }
  return {
    reason,
    children: children.map((child) => ({ ...child, lines: rangesOf(child.lines) })),
    kept: rangesOf(kept),
  }
}

function rangesOf(lines: readonly SourceLines[]): string {
  return lines.map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`)).join(', ')
}
