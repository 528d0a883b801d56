import { plain } from '../markdown/plain-text.ts'

export interface Keyed {
  readonly key: string
  readonly value: string
}

/** `**User story 3.** As a …` */
const NUMBERED_STORY = /^\*\*(?:user )?story\s+\d{1,4}[.:)]?\*\*\s*[.:–—-]?\s*(?=as )/i
const BOLD_KEY = /^(?:\*\*|__)([^*_:]{1,60})(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:)\s*/
const PLAIN_KEY =
  /^(acceptance(?: criteria| scenarios| tests?)?|scenarios?|priority|status|owner|estimate|effort|size|rationale|reason|notes?|source|dependenc(?:y|ies)|depends on|related|risk|tags?|description|statement|user story|story|requirement|verification|fit criterion|given\/when\/then|independent test|why this priority|type|category|component|repository|repositories|title|summary|trace(?:s|ability)?|covers?|effort|points?|story points)\s*:\s*/i

/** `**Key**: value`, `**Key:** value`, and the keys people leave unbolded. */
export function parseKeyed(source: string): Keyed | undefined {
  const story = NUMBERED_STORY.exec(source)
  if (story !== null) return { key: 'user story', value: plain(source.slice(story[0].length)) }
  const match = BOLD_KEY.exec(source) ?? PLAIN_KEY.exec(source)
  if (match?.[1] === undefined) return undefined
  return { key: plain(match[1]).toLowerCase(), value: plain(source.slice(match[0].length)) }
}

const STATEMENT_KEYS = new Set([
  'description',
  'statement',
  'requirement',
  'user story',
  'story',
  'summary',
  'behavior',
  'behaviour',
  'what',
  'details',
])
const CRITERIA_KEYS =
  /^(?:acceptance|acceptance (?:criteria|criterion|scenarios?|tests?)|scenarios?|criteria|verification|fit criteri(?:on|a)|given\/when\/then|success criteria|ac|acs|tests?|test cases?|done when|verify)(?: \(.*\))?$/
const META_KEYS =
  /^(?:priority|status|owner|owners|estimate|effort|size|rationale|reason|why.*|notes?|.*\bnotes|source|dependenc(?:y|ies)|depends on|related.*|risks?|tags?|type|category|component|repository|repositories|title|trace.*|covers?|points?|story points|independent test|author|date|created|updated|version|milestone|phase|release|links?|complexity|labels?|stakeholders?|actors?|moscow|feature branch|input|assignee|reporter|severity|environment|epic|refs?|references?)$/

export type KeyRole = 'statement' | 'criteria' | 'meta' | 'other'

export function keyRole(key: string): KeyRole {
  if (STATEMENT_KEYS.has(key)) return 'statement'
  if (CRITERIA_KEYS.test(key)) return 'criteria'
  return META_KEYS.test(key) ? 'meta' : 'other'
}
