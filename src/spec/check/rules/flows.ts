import type { Passage } from '../passage.ts'
import { type Rule, whole } from '../rule.ts'
import { search } from '../search.ts'
import type { Specification } from '../specification.ts'
import { entriesOf, hasGap } from './outcomes.ts'

const ERROR =
  /\b(?:error\w*|fail\w*|invalid|reject\w*|refus\w*|den(?:y|ied|ies)|cancel\w*|abort\w*|time[sd]?[- ]?out|expire[sd]?|unavailable|offline|undo|retr(?:y|ies)|wrong|lost|unknown|missing|declin\w*|exceed\w*|empty|conflict\w*|cannot|can't|not (?:found|there|allowed|enough|reachable|valid|match\w*)|already|without|interrupt\w*|unreadable|broken|roll(?:s|ed)? back)\b/i

/** Flows of their own, not the requirements that a heading calls workflows. */
function flowPassages(specification: Specification): readonly Passage[] {
  return specification
    .of('flows')
    .filter(({ requirement, parts }) => requirement === undefined && !parts.includes('failures'))
}

export const flowRules: readonly Rule[] = [
  {
    id: 'flow.unnumbered',
    severity: 'info',
    kinds: ['prd'],
    asks: 'A flow is a numbered list of steps.',
    find(specification) {
      const lists = Map.groupBy(
        flowPassages(specification).filter(({ marker }) => marker !== undefined),
        ({ list }) => list,
      )
      return [...lists.values()].flatMap((items) => {
        const [first] = items
        const loose = items.filter(({ marker, nested }) => marker === '-' && nested.length === 0)
        if (first === undefined || loose.length < items.length || items.length < 3) return []
        return [
          {
            place: whole(first),
            message: `These ${items.length} steps have no numbers, so their order is a guess. Number them: one step a line, who acts and what they then see.`,
          },
        ]
      })
    },
  },
  {
    id: 'flow.branch',
    severity: 'info',
    kinds: ['prd'],
    asks: 'A flow has no branches.',
    find: (specification) =>
      search(
        flowPassages(specification).filter(({ marker }) => marker !== undefined),
        /\b(?:if\b.{1,120}?\b(?:else|otherwise)|otherwise|or else|depending on|alternatively)\b/gi,
      ).map(({ text, place }) => ({
        place,
        message: `This step branches ("${text.slice(0, 60)}"). Write one flow a path, and the other case as a flow or a failure case of its own.`,
      })),
  },
  {
    id: 'flow.no-error-path',
    severity: 'warning',
    kinds: ['prd'],
    asks: 'Where there are flows, at least one ends badly.',
    find(specification) {
      const [first, ...rest] = flowPassages(specification)
      if (first === undefined || specification.of('failures').length > 0) return []
      const covered =
        [first, ...rest].some(({ raw }) => ERROR.test(raw)) ||
        specification.headings.some(({ parts, title }) => parts.includes('flows') && ERROR.test(title))
      if (covered) return []
      return [
        {
          place: whole(first),
          message: 'All flows end well. Write what the person sees when a step fails, is cancelled or times out.',
        },
      ]
    },
  },
  {
    id: 'failure.incomplete',
    severity: 'warning',
    kinds: ['prd', 'tech_spec'],
    asks: 'A failure case has condition, response and what is seen.',
    find(specification) {
      const entries = entriesOf(specification, 'failures', ['requirements', 'contracts', 'tests', 'flows']).filter(
        ({ requirement, kind }) => requirement === undefined && kind !== 'paragraph',
      )
      const keys = usualKeys(entries)
      return entries
        .filter((passage) => !isComplete(passage) || keys.some((key) => !key.test(textOf(passage))))
        .map((passage) => ({
          place: whole(passage),
          message:
            'Of this failure the response or the outcome is missing. Write: when what happens, what the system does, what the person or caller then sees.',
        }))
    },
  },
]

const KEYS: readonly RegExp[] = [
  /\bcondition\b\W{0,3}:/i,
  /\bresponse\b\W{0,3}:/i,
  /\b(?:outcome|result|seen)\b\W{0,3}:/i,
]

/** What most of them say under a name, each has to. */
function usualKeys(all: readonly Passage[]): readonly RegExp[] {
  return KEYS.filter((key) => all.filter((passage) => key.test(textOf(passage))).length * 2 > all.length)
}

function textOf({ raw, nested }: Passage): string {
  return [raw, ...nested].join(' ')
}

function isComplete(passage: Passage): boolean {
  if (passage.cells !== undefined) return !hasGap(passage)
  const text = textOf(passage)
  if (text.split(/\s+/).length < 8) return false
  const said = text.replace(/(?<![.\s])[.\s]+$/, '')
  if (/[,:;→.–—]|->|=>|\bthen\b/.test(said)) return true
  const subject = said.search(/\bthe\b/)
  return subject !== -1 && /\b(?:is|are|was|gets|shows?|sees?|returns?|answers?)\b/.test(said.slice(subject))
}

/** Whether a text speaks of something that goes wrong. */
export function speaksOfError(text: string): boolean {
  return ERROR.test(text)
}
