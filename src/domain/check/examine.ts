import { CheckSettings, type Finding, type Verdict } from '../../../schemas/finding.ts'
import { prdKey } from '../../../schemas/key.ts'
import { SpekiError } from '../../errors.ts'
import { check } from '../../reading/readings.ts'
import { type TextCheck, verdictOf } from '../../spec/check/check-text.ts'
import type { Reader } from '../../store/database.ts'
import { listAcceptedFindings, listLensReviews } from '../../store/prd/findings.ts'
import { findPrdBody, listPrds, type PrdRecord } from '../../store/prd/prds.ts'
import { listRepositoryNames } from '../../store/repositories.ts'
import { readSetting } from '../../store/settings.ts'
import { type LensStatus, lensStatus, presentLensFinding } from './lens-review.ts'

/** Name of the setting that holds `CheckSettings`. */
export const CHECK_SETTING = 'check'

export interface PrdCheck extends Omit<TextCheck, 'findings'> {
  readonly prd: PrdRecord
  readonly body: string
  readonly verdict: Verdict
  /** Of the rules and of the lenses, by place. */
  readonly findings: readonly Finding[]
  readonly lenses: LensStatus
}

/** What rules and lenses say about the text of a PRD; inside the transaction of a step that depends on it. */
export async function examine(reader: Reader, prd: PrdRecord): Promise<PrdCheck> {
  const body = await findPrdBody(reader, prd.id, prd.revision)
  if (body === undefined)
    throw new SpekiError('internal', `${prdKey(prd.id)} has no text for its revision ${prd.revision}.`)
  const settings = await readSetting(reader, CHECK_SETTING, CheckSettings)
  const names = (await listRepositoryNames(reader)).map((entry) => entry.name.toLowerCase())
  const accepted = await listAcceptedFindings(reader, prd.id)
  const reviews = await listLensReviews(reader, prd.id)
  const children = await listPrds(reader, { parentId: prd.id, kind: prd.kind, deleted: false }, { limit: 1 })
  const surroundings = {
    repositories: new Set(names),
    assigned: prd.repositories,
    banned: settings.banned,
    hasParent: prd.parentId !== undefined,
    hasChildren: children.total > 0,
  }
  const checked = check.now({ text: body, kind: prd.kind, settings, surroundings })
  const judged = reviews.filter((review) => review.textHash === prd.hash).flatMap((review) => review.findings)
  const findings = [...checked.findings, ...judged.map((finding) => presentLensFinding(body, finding))]
    .map((finding) => {
      const reason = accepted.get(finding.id)
      return reason === undefined ? finding : { ...finding, accepted: reason }
    })
    .sort((a, b) => a.place.line - b.place.line)
  return {
    ...checked,
    prd,
    body,
    findings,
    verdict: verdictOf(findings, checked.size.oversized),
    lenses: lensStatus(prd.kind, prd.hash, reviews),
  }
}
