import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PrdKind } from '../../../schemas/prd.ts'
import { checkText } from '../../../src/spec/check/check-text.ts'
import { readOutline } from '../../../src/spec/markdown/outline.ts'
import { wordCount } from '../../../src/spec/markdown/plain-text.ts'
import { plantedDefects } from './planted/index.ts'

const FOLDER = new URL('corpus/', import.meta.url)

/** Good specifications, written by somebody who knew the catalogue of rules and had not seen the engine. */
const specs = new Map(
  readdirSync(FOLDER)
    .sort()
    .map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]),
)

/**
 * Planted defects that the engine does not see, by rule and file: most contradict each other in meaning and not in
 * words. They are listed so that nobody takes the rest for all there is; one that is found has to be taken off.
 */
const MISSED: readonly string[] = [
  'bug.no-regression in bug-map-tiles-leak.md: a leak that nothing shows mended',
  'conflict.outcome in prd-coop-assembly-vote.md: one vote, accepted and rejected',
  'conflict.outcome in tech-kiosk-refund.md: one evening, a refund and a refusal',
  'conflict.quantity in prd-coop-assembly-vote.md: a count of 90 seconds with a threshold of 150',
  'conflict.quantity in prd-tram-disruption-board.md: a notice after 10 seconds and after 25',
  'conflict.quantity in prd-warehouse-fast-lane.md: a 95th percentile of 1.5 seconds and of 4',
  'conflict.quantity in tech-vote-ledger-standby.md: a lease of 15 seconds and of 30',
  'contract.undescribed in prd-clinic-recall.md: a flag of the letter without meaning',
  'criterion.compound in bug-invoice-rounding.md: two outcomes of an issued invoice',
  'criterion.only-happy in prd-coop-assembly-vote.md: a feature in which no member is ever refused',
  'failure.incomplete in prd-warehouse-fast-lane.md: a failure under its own heading without an outcome',
  'flow.unnumbered in prd-warehouse-fast-lane.md: a flow as prose',
  'goal.no-number in prd-coop-assembly-vote.md: a goal that nobody can measure',
  'problem.no-number in prd-warehouse-fast-lane.md: late orders without a count',
  'requirement.no-criteria in bug-screen-frozen-after-dst.md: a requirement of a bug without proof',
  'requirement.no-criteria in prd-archive-migration.md: a row of the table that no criterion covers',
  'size.oversized in prd-warehouse-fast-lane.md: five products in one document',
  'structure.severity in bug-map-tiles-leak.md: bug-map-tiles-leak.md without "### Severity"',
  'structure.severity in bug-screen-frozen-after-dst.md: a bug report whose header lost the severity line',
  'tech.stub in tech-handheld-offline-walk.md: a stub that stays',
  'tech.stub in tech-vote-ledger-standby.md: a temporary process that stays',
  'template.left in bug-duplicate-membership-mail.md: an untouched comment of the template',
]

const FrontMatter = z.object({ kind: PrdKind, repositories: z.array(z.string()).default([]) })

/** Rules by which something is found; known are the repositories of the text before a defect was planted. */
function rulesBroken(text: string, original = text): readonly string[] {
  const { kind, repositories } = FrontMatter.parse(readOutline(text).frontMatter)
  const known = FrontMatter.parse(readOutline(original).frontMatter).repositories
  const { findings, size } = checkText({
    text,
    kind,
    surroundings: {
      repositories: new Set(known.map((name) => name.toLowerCase())),
      assigned: repositories,
      banned: [],
      hasParent: false,
      hasChildren: false,
    },
    settings: { severities: {}, banned: [], gates: [], lenses: false },
  })
  return [...findings.map(({ rule }) => rule), ...(size.oversized ? ['size.oversized'] : [])]
}

/** Rules that are broken more often than before. */
function newlyBroken(before: readonly string[], after: readonly string[]): readonly string[] {
  const left = [...before]
  return after.filter((rule) => {
    const at = left.indexOf(rule)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}

describe('good specifications', () => {
  it('get at most one finding per 1,000 words', () => {
    const words = [...specs.values()].reduce((sum, text) => sum + wordCount(text), 0)
    const found = [...specs].flatMap(([name, text]) => rulesBroken(text).map((rule) => `${name}: ${rule}`))
    expect(words).toBeGreaterThan(12_000)
    expect(found.length, found.join('\n')).toBeLessThanOrEqual(words / 1000)
  })
})

describe('a defect planted into a good specification', () => {
  const outcomes = plantedDefects.map((defect) => {
    const text = specs.get(defect.file) ?? ''
    const fresh = newlyBroken(
      rulesBroken(text),
      rulesBroken(
        text.replace(defect.replace, () => defect.by),
        text,
      ),
    )
    return { ...defect, text, fresh, place: `${defect.rule} in ${defect.file}: ${defect.name}` }
  })

  it('is planted in exactly one place each', () => {
    expect(outcomes.filter(({ text, replace }) => text.split(replace).length !== 2).map(({ place }) => place)).toEqual(
      [],
    )
  })

  it('is found at least 115 times of 140, and at least 40 times whatever the rule', () => {
    const found = outcomes.filter(({ rule, fresh }) => fresh.includes(rule))
    expect(plantedDefects.length).toBeGreaterThanOrEqual(140)
    expect(found.length).toBeGreaterThanOrEqual(115)
    expect(new Set(found.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(40)
  })

  it('is missed only where that is known', () => {
    const missed = outcomes.filter(({ rule, fresh }) => !fresh.includes(rule)).map(({ place }) => place)
    expect(missed.sort()).toEqual([...MISSED].sort())
  })

  it('raises nothing else', () => {
    const unrelated = outcomes.flatMap(({ rule, fresh, place }) =>
      fresh.filter((other) => other !== rule).map((other) => `${place}: ${other}`),
    )
    expect(unrelated).toEqual([])
  })
})
