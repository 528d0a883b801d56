import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PrdKind } from '../../../schemas/prd.ts'
import { checkText } from '../../../src/domain/check/check-text.ts'
import { wordCount } from '../../../src/domain/requirement/plain-text.ts'
import { plantedDefects } from './planted.ts'

const FOLDER = new URL('specs/', import.meta.url)

/** Good specifications, written by somebody who knew the rules and not the engine. */
const specs = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.md'))
    .map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]),
)

function findings(text: string): readonly string[] {
  const kind = PrdKind.parse(/^kind: *(\w+)/m.exec(text)?.[1])
  const names = [...(/^repositories: *\[(.*)\]/m.exec(text)?.[1] ?? '').matchAll(/[\w.-]+/g)].map(([name]) => name)
  return checkText({
    text,
    kind,
    surroundings: {
      repositories: new Set(names.map((name) => name.toLowerCase())),
      assigned: names.length > 0 ? names : ['api'],
      banned: [],
      hasParent: false,
      hasChildren: false,
    },
    settings: { severities: {}, banned: [], gates: [], lenses: false },
  }).findings.map(
    ({ rule, place, message }) => `${rule} "${(text.split('\n')[place.line - 1] ?? '').trim()}": ${message}`,
  )
}

const ruleOf = (finding: string) => finding.slice(0, finding.indexOf(' '))

describe('good specifications', () => {
  it('get at most one finding per 1,000 words', () => {
    const words = [...specs.values()].reduce((sum, text) => sum + wordCount(text), 0)
    const all = [...specs].flatMap(([name, text]) => findings(text).map((finding) => `${name}: ${finding}`))
    expect(words).toBeGreaterThan(8000)
    expect(all.length, all.join('\n')).toBeLessThanOrEqual(words / 1000)
  })
})

describe('a defect planted into a good specification', () => {
  it('is planted at least 40 times', () => {
    expect(plantedDefects.length).toBeGreaterThanOrEqual(40)
  })

  it.each(plantedDefects.map((defect) => [defect.name, defect] as const))(
    '%s is found, and nothing else',
    (_, defect) => {
      const text = specs.get(defect.file) ?? ''
      expect(text.split(defect.replace)).toHaveLength(2)
      const before = findings(text).map(ruleOf)
      const after = findings(text.replace(defect.replace, () => defect.by))
      const fresh = after.filter((finding) => {
        const at = before.indexOf(ruleOf(finding))
        if (at === -1) return true
        before.splice(at, 1)
        return false
      })
      expect(fresh.map(ruleOf), fresh.join('\n')).toEqual([defect.rule])
    },
  )
})
