import { CheckSettings } from '../../../schemas/finding.ts'
import { prdKey } from '../../../schemas/key.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import type { Reader } from '../../store/database.ts'
import type { PrdRecord } from '../../store/prd/prds.ts'
import { readSetting } from '../../store/settings.ts'
import { CHECK_SETTING, examine } from './examine.ts'

/** Throws where the workspace asks for a clean check before this step and the text has none. Called in the step's own transaction. */
export async function requireReady(reader: Reader, prd: PrdRecord, gate: 'approve' | 'plan'): Promise<void> {
  const settings = await readSetting(reader, CHECK_SETTING, CheckSettings)
  if (!settings.gates.includes(gate)) return
  const { verdict, findings, lenses } = await examine(reader, prd)
  const open = findings.filter(({ severity, accepted }) => severity !== 'info' && accepted === undefined).length
  const reasons = [
    verdict !== 'ready' &&
      `its check says ${verdict.replace('_', ' ')}${open > 0 ? ` (${open} open finding${open === 1 ? '' : 's'})` : ''}`,
    settings.lenses && lenses.missing.length > 0 && `nobody has read it for ${lenses.missing.join(', ')}`,
  ].filter((reason) => reason !== false)
  if (reasons.length === 0) return
  throw new SpekiError(
    'precondition_failed',
    `This workspace lets ${prdKey(prd.id)} pass to ${gate === 'approve' ? 'approval' : 'planning'} only with a clean check, and ${reasons.join(', and ')}. Nothing was changed.`,
    {
      hint: hint`See what is open with ${step('prd_check', { prd: prdKey(prd.id) })}.`,
    },
  )
}
