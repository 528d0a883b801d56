import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { prdKey } from '../../../schemas/key.ts'
import { merge3 } from '../../documents/merge.ts'
import { applyReplacements, type Replacement } from '../../documents/replacements.ts'
import { replaceSection } from '../../documents/sections.ts'
import { checkText, normalizeText } from '../../documents/text.ts'
import { SpekiError } from '../../errors.ts'
import { extraction } from '../../reading/read-apart.ts'
import { hint, type Step, step } from '../../step.ts'
import { findPrdBody } from '../../store/prd/prds.ts'
import type { RequirementChange } from '../requirement/follow.ts'
import { consult, type Request, type Service, transact } from '../service.ts'
import { getPrd } from './prd.ts'
import { followWork, writeRevision } from './transition.ts'

/** One of three ways to say what the text should become; each is applied to the text of the base revision. */
export type Edit =
  | { readonly body: string }
  | { readonly section: string; readonly text: string }
  | { readonly replacements: readonly Replacement[] }

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
 * Writes a new revision. An edit made on an older revision is merged three-way; where the same passage was changed
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
  signal?: AbortSignal,
): Promise<EditOutcome> {
  const read = await consult(service, caller, 'prd.edit', (reader) => findPrdBody(reader, id, baseRevision))
  // Unless it is merged with another edit, this is the text that will be written.
  const reading = step('prd_get', { prd: prdKey(id), include: ['body'], revision: baseRevision })
  if (read !== undefined) await extraction.ahead({ text: normalizeText(applyEdit(read, edit, reading)) }, signal)
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
      const mine = normalizeText(applyEdit(base, edit, reading))
      checkText(mine)
      const outcome =
        baseRevision === prd.revision ? { kind: 'merged' as const, text: mine } : merge3(base, mine, theirs)
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

function applyEdit(base: string, edit: Edit, reading: Step): string {
  if ('body' in edit) return edit.body
  if ('section' in edit) return replaceSection(base, edit.section, edit.text)
  return applyReplacements(base, edit.replacements, reading)
}
