import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { prdKey } from '../../../schemas/key.ts'
import type { Edit } from '../../documents/edit-text.ts'
import { normalizeText } from '../../documents/text.ts'
import { SpekiError } from '../../errors.ts'
import { editing } from '../../reading/readings.ts'
import { REDACTED } from '../../redaction/token-rules.ts'
import { hint, step } from '../../step.ts'
import { findPrdBody } from '../../store/prd/prds.ts'
import type { RequirementChange } from '../requirement/follow.ts'
import { type Request, type Service, transact } from '../service.ts'
import { getPrd } from './prd.ts'
import { followWork, writeRevision } from './transition.ts'

export interface EditOutcome {
  /** Revision that now holds; the base again where nothing changed. */
  readonly revision: number
  readonly hash: string
  /** Someone had edited since the base, and both edits fit together. */
  readonly merged: boolean
  readonly changed: boolean
  readonly requirements: RequirementChange
}

/**
 * Writes a new revision; the edit is applied to the text of the base revision. An edit made on an older revision is merged three-way; where the same passage was changed
 * by both, `conflict` carries base, mine and theirs of each place and nothing is written.
 */
export async function editPrd(
  service: Service,
  caller: Principal,
  id: number,
  baseRevision: number,
  edit: Edit,
  reason: string,
  request?: Request,
): Promise<EditOutcome> {
  const reading = step('prd_get', { prd: prdKey(id), include: ['body'], revision: baseRevision })
  return await transact(
    service,
    caller,
    'prd.edit',
    async (tx, now) => {
      const prd = await getPrd(tx, id)
      const base = await findPrdBody(tx, id, baseRevision)
      const theirs = await findPrdBody(tx, id, prd.revision)
      if (base === undefined || theirs === undefined) {
        throw new SpekiError('not_found', `${prdKey(id)} has no revision ${baseRevision}; it is at ${prd.revision}.`, {
          hint: hint`Read it with ${step('prd_get', { prd: prdKey(id) })} and edit that revision.`,
        })
      }
      if (JSON.stringify(edit).includes(REDACTED) && !base.includes(REDACTED))
        throw new SpekiError(
          'invalid_input',
          `The edit says ${REDACTED} where ${prdKey(id)} has a value that is not shown. Nothing was written.`,
          { hint: 'Edit by replacements or sections that leave that place alone, or write what shall stand there.' },
        )
      const outcome = editing.now({ base, edit, theirs, reading })
      if (outcome.kind === 'conflict') {
        throw new SpekiError(
          'conflict',
          `${outcome.conflicts.length} place(s) of ${prdKey(id)} were changed since revision ${baseRevision}; nothing was written.`,
          {
            hint: hint`Compare mine with theirs below, decide, and edit again: ${step('prd_edit', { prd: prdKey(id), base_revision: prd.revision })}.`,
            details: { current_revision: prd.revision, conflicts: outcome.conflicts },
          },
        )
      }
      const body = normalizeText(outcome.text)
      if (body === theirs) {
        return {
          revision: prd.revision,
          hash: prd.hash,
          merged: false,
          changed: false,
          requirements: { added: [], changed: [], removed: [], staleTasks: [], answered: [] },
        }
      }
      const { revision, hash, requirements } = await writeRevision(tx, { actor: actorOf(caller), now }, prd, body, {
        reason,
        basedOn: baseRevision,
      })
      await followWork(tx, id, now)
      return { revision, hash, merged: baseRevision !== prd.revision, changed: true, requirements }
    },
    request,
  )
}
