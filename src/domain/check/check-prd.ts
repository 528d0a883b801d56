import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { prdKey } from '../../../schemas/key.ts'
import type { LensFinding, LensName } from '../../../schemas/lens.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import { appendEvent } from '../../store/events.ts'
import { acceptFinding, saveLensReview } from '../../store/prd/findings.ts'
import { demand } from '../access/can.ts'
import { getPrd } from '../prd/prd.ts'
import { consult, type Request, type Service, transact } from '../service.ts'
import { examine, type PrdCheck } from './examine.ts'
import { checkSubmission, withoutRepeats } from './lens-review.ts'

/** What rules and lenses say about the text of a PRD as it is now. */
export async function checkPrd(service: Service, caller: Principal, id: number): Promise<PrdCheck> {
  return await consult(service, caller, 'prd.check', async (reader) => await examine(reader, await getPrd(reader, id)))
}

/** Lets a finding stand, with a reason, for as long as the passage it is about does. Errors only a person accepts. */
export async function acceptOne(
  service: Service,
  caller: Principal,
  id: number,
  accepted: { readonly finding: string; readonly reason: string },
  request?: Request,
): Promise<void> {
  await transact(
    service,
    caller,
    'finding.accept',
    async (tx, now) => {
      const prd = await getPrd(tx, id)
      const { findings } = await examine(tx, prd)
      const finding = findings.find((entry) => entry.id === accepted.finding)
      if (finding === undefined) {
        throw new SpekiError(
          'not_found',
          `${prdKey(id)} has no finding ${accepted.finding} at revision ${prd.revision}.`,
          {
            hint: hint`See them with ${step('prd_check', { prd: prdKey(id) })}.`,
          },
        )
      }
      if (finding.severity === 'error') demand(caller, 'finding.accept_error', { key: prdKey(id), finding })
      await acceptFinding(tx, id, { id: finding.id, rule: finding.rule, reason: accepted.reason }, actorOf(caller), now)
      await appendEvent(tx, {
        at: now,
        type: 'prd.finding_accepted',
        subject: prdKey(id),
        prdId: id,
        actor: actorOf(caller),
        revision: prd.revision,
        payload: { finding: finding.id, rule: finding.rule, line: finding.place.line, reason: accepted.reason },
      })
    },
    request,
  )
}

export interface LensSubmission {
  /** The revision that was read; a newer one is a conflict. */
  readonly revision: number
  /** Lenses that were looked through; one without findings passed. */
  readonly lenses: readonly LensName[]
  readonly findings: readonly LensFinding[]
}

/** Stores what a reader found under some lenses; a lens read before is replaced. */
export async function submitLenses(
  service: Service,
  caller: Principal,
  id: number,
  submission: LensSubmission,
  request?: Request,
): Promise<{ readonly stored: number; readonly repeated: number }> {
  return await transact(
    service,
    caller,
    'prd.review',
    async (tx, now) => {
      const prd = await getPrd(tx, id)
      if (prd.revision !== submission.revision) {
        throw new SpekiError(
          'conflict',
          `The review is of revision ${submission.revision}; ${prdKey(id)} is at revision ${prd.revision}. Nothing was stored.`,
          {
            hint: hint`Read it again with ${step('prd_check', { prd: prdKey(id), lenses: [...submission.lenses] })}.`,
          },
        )
      }
      const { body, findings } = await examine(tx, prd)
      checkSubmission(body, prd.kind, submission)
      const byRule = findings.filter(({ rule }) => !rule.startsWith('lens.'))
      const kept = withoutRepeats(submission.findings, byRule)
      for (const lens of new Set(submission.lenses)) {
        const own = kept.filter((finding) => finding.lens === lens)
        await saveLensReview(tx, id, { lens, textHash: prd.hash, findings: own }, actorOf(caller), now)
      }
      await appendEvent(tx, {
        at: now,
        type: 'prd.reviewed',
        subject: prdKey(id),
        prdId: id,
        actor: actorOf(caller),
        revision: prd.revision,
        payload: { lenses: submission.lenses, findings: kept.length },
      })
      return { stored: kept.length, repeated: submission.findings.length - kept.length }
    },
    request,
  )
}
