import type { Principal } from '../../../schemas/actor.ts'
import type { LensFinding, LensName } from '../../../schemas/lens.ts'
import { SpekiError } from '../../errors.ts'
import { applySplit, previewSplit, type SplitAnswer, undoSplit } from '../prd/split.ts'
import type { Request, Service } from '../service.ts'
import { acceptOne, checkPrd, submitLenses } from './check-prd.ts'
import type { PrdCheck } from './examine.ts'
import { type LensPacket, lensPacket } from './packet.ts'

/** What somebody asks of the check of a PRD: to look, or one thing that changes it. */
export interface CheckRequest {
  /** Alone: the packet to read them with; with a revision: those that were read. */
  readonly lenses?: readonly LensName[] | undefined
  readonly revision?: number | undefined
  readonly findings?: readonly LensFinding[] | undefined
  readonly accept?: string | undefined
  readonly reason?: string | undefined
  readonly applySplit: boolean
  readonly confirm?: string | undefined
  readonly undoSplit: boolean
  readonly fromLine: number
}

export interface CheckOutcome {
  readonly check: PrdCheck
  readonly packet: LensPacket | undefined
  readonly split: SplitAnswer | undefined
}

/** Does the one thing that is asked, then checks the text as it is after it. */
export async function stepCheck(
  service: Service,
  caller: Principal,
  id: number,
  asked: CheckRequest,
  request?: Request,
): Promise<CheckOutcome> {
  refuseContradictions(asked)
  const { accept, reason = '', revision, lenses, findings = [], confirm } = asked
  if (accept !== undefined) await acceptOne(service, caller, id, { finding: accept, reason }, request)
  if (revision !== undefined)
    await submitLenses(service, caller, id, { revision, lenses: lenses ?? [], findings }, request)
  if (asked.undoSplit) await undoSplit(service, caller, id, request)
  const split =
    confirm === undefined
      ? await previewSplit(service, caller, id, asked.applySplit)
      : await applySplit(service, caller, id, confirm, request)
  const check = await checkPrd(service, caller, id)
  const reads = lenses !== undefined && revision === undefined
  return { check, split, packet: reads ? await lensPacket(service, caller, check, lenses, asked.fromLine) : undefined }
}

function refuseContradictions(asked: CheckRequest): void {
  const { lenses, revision, findings, accept, reason, confirm } = asked
  const actions = [accept, revision, confirm, asked.undoSplit ? true : undefined]
  const problem =
    actions.filter((action) => action !== undefined).length > 1
      ? 'accepting, submitting a review, splitting and undoing are calls of their own'
      : accept !== undefined && reason === undefined
        ? 'accept needs a reason'
        : (revision === undefined) !== (findings === undefined)
          ? 'a review needs both revision and findings (an empty list where nothing was found)'
          : revision !== undefined && lenses === undefined
            ? 'a review names the lenses that were read'
            : confirm !== undefined && !asked.applySplit
              ? 'confirm goes with a split'
              : undefined
  if (problem === undefined) return
  throw new SpekiError('invalid_input', `Nothing was changed: ${problem}.`, {
    hint: 'A call does one thing: check, ask for lenses, submit a review, accept, or split.',
  })
}
