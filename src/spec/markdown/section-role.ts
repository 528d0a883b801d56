import { bare, wordCount } from './plain-text.ts'
import { remembering } from './remembering.ts'

/**
 * What a heading, or a line that introduces a list, says about what follows:
 * `requirements` lists are requirements; `criteria` belong to a requirement, or are requirements where there is none;
 * `checks` are criteria only where there is one; `expected` is the wanted behaviour of a bug report; `questions` are open;
 * `excluded` is stated and yet not to be built; `narrative` explains, so only explicit ids count;
 * `details` describe the requirement they stand in.
 */
export type SectionRole =
  | 'requirements'
  | 'criteria'
  | 'checks'
  | 'expected'
  | 'questions'
  | 'excluded'
  | 'narrative'
  | 'details'

/** Titles in small letters, without number and decoration; the first rule that matches decides. */
const RULES: readonly (readonly [SectionRole, readonly RegExp[]])[] = [
  ['narrative', [/^(?:goals?|scope)\b.*\bnon[- ]?goals?\b/]],
  [
    'excluded',
    [
      /\bnon[- ]?(?:goals?|requirements?)\b|^anti[- ]goals?\b/,
      /\b(?:out|outside)[- ](?:of[- ])?(?:the[- ])?scope\b|\bnot (?:in|within) scope\b|^scope exclusions\b|^exclu(?:sions?|ded)\b/,
      /^won['’]?t$|\bwon['’]?t (?:have|do|fix|be)\b|\bwill not (?:have|do|build|be)\b|^not (?:doing|planned|included|covered)\b/,
      /(?:\/|&|\band|\bor) (?:future|later)\b/,
      /^(?:future|deferred|later|postponed|parked|parking lot|backlog)\b|^(?:removed|renamed) requirements?\b/,
      /\bassumptions?\b|^(?:risks?|dependenc|mitigations?)/,
      /^(?:rejected|alternatives?|considered|prior art|related work)\b/,
      /^(?:glossary|terminology|definitions?(?! of done)|(?:key |domain |core )?(?:entities|actors))\b/,
      /^(?:references?|further reading|links?|see also|bibliography|faq|frequently asked|clarifications?)\b/,
      /^(?:answered|resolved|closed|settled)(?: questions?)?$|^(?:q ?(?:&|and) ?a|questions? (?:&|and) answers?)\b|^what (?:it|this|we) (?:is|are|does|do|will) not\b/,
      /^(?:change ?log|(?:revision |document |version )?history)\b/,
      /^(?:execution (?:flow|status)|review (?:& |and )?(?:acceptance )?checklist)\b/,
      /\btraceability\b|\bcriteria summary$/,
      /\bcoverage(?: map| matrix| table)?$/,
      /^requirements? (?:coverage|quality|checklist|completeness|template|process|gathering|history)\b/,
    ],
  ],
  [
    'questions',
    [
      /^(?:(?:open|outstanding|unresolved|pending|remaining) )?(?:questions?|clarifications? needed)\b/,
      /^(?:open|outstanding|unresolved) (?:issues?|points?|items?|decisions?|topics?)\b/,
      /^(?:tbds?|to be (?:determined|decided|clarified|defined)|needs? clarifications?|undecided)\b/,
      /^decisions? (?:needed|pending|to be made)\b/,
    ],
  ],
  [
    'expected',
    [/^(?:expected|desired|intended|correct) (?:behaviou?rs?|results?|outcomes?)\b|^what should happen\b|^expected$/],
  ],
  [
    'criteria',
    [
      /^(?:(?:user )?acceptance|success|completion|exit|fit) (?:criteria|criterion|scenarios?|tests?|checks?|conditions?)\b/,
      /^(?:acceptance|acs?|conditions of satisfaction)$/,
    ],
  ],
  [
    'checks',
    [
      /^(?:verification|validation) (?:criteria|criterion|scenarios?|tests?|checks?|conditions?)$/,
      /^(?:verification|verify|criteria|(?:key |main |test |usage )?scenarios?|examples?)$/,
    ],
  ],
  [
    'narrative',
    [
      /^(?:background|context|problem|motivation|rationale|why|impact|what changes|what happens|purpose|introduction)\b/,
      /^(?:current|actual|observed|existing|as[- ]is|steps? to reproduce|reproduction|how to reproduce|environment)\b/,
      /^(?:root cause|suspected|analysis|logs|log (?:output|excerpts?|files?)|workaround|frequency|severity|lessons|research|competitive|market)\b/,
      /^(?:timeline|milestones?|schedule|roll-?out|roadmap|releases?|phases?|tasks?|task list)\b/,
      /^(?:implementation (?:plan|tasks|order|steps|phases)|test(?:ing)?(?: plan| strategy| cases)?)\b/,
      /^(?:personas?|target (?:users?|audience)|stakeholders?|team|metadata|status|approvals?|sign-?off)\b/,
      /^(?:decisions?|decision log|vision|goals?|objectives?|success metrics?|metrics?|kpis?)\b/,
    ],
  ],
  [
    'requirements',
    [
      /\brequirements?$|^requirements? (?:for|of|in|and|&|list|overview|details|summary|[-–—:])(?!\w)/,
      /^(?:(?:user|job|technical|tech|enabler) )?stor(?:y|ies)(?: (?:and|&)\b.*| list| map)?$/,
      /^(?:(?:key|core|main|new|product|planned|proposed|mvp|essential|required) )?(?:features|functionality|capabilities)(?: (?:list|set|scope))?$/,
      /^(?:functional|non[- ]?functional)(?: specifications?)?$|^(?:nfrs?|frs?)$/,
      /^(?:must|should|could)(?:[- ]haves?)?$|^(?:must|should|could)[- ]haves?\b|^nice[- ]to[- ]haves?\b|^essentials?$/,
      /^(?:business|validation|domain) rules\b|^quality attributes$|^definition of done\b/,
    ],
  ],
  ['narrative', [/\bflows?\b|\bjourneys?\b|\bwalk[- ]?through\b|^a day (?:in|with)\b/]],
  [
    'details',
    [
      /^(?:(?:technical |implementation |design )?notes?|comments?|priority|rationale|independent test)\b/,
      /^(?:depends on|related|estimate|size|owner|hints?|ui|design|(?:technical )?details?|description|approach)\b/,
    ],
  ],
]

/** Longer lines are sentences, whatever words are in them. */
const MAX_WORDS = 12

export const roleOf = remembering((title: string): SectionRole | undefined => {
  const full = normalise(title.slice(0, 200))
  if (full === '' || wordCount(full) > MAX_WORDS || /^in[- ]scope\b/.test(full)) return undefined
  // `Features (MVP)` is judged by what it starts with, `Editing (out of scope)` by all of it.
  const short = full.replace(/\s*[([].*$/, '')
  const matches = (pattern: RegExp, role: SectionRole): boolean => pattern.test(role === 'excluded' ? full : short)
  return RULES.find(([role, patterns]) => patterns.some((pattern) => matches(pattern, role)))?.[0]
})

function normalise(title: string): string {
  return bare(title)
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replace(/^(?:annex|appendix|part|section|chapter)\s+[a-z\d]{1,3}\s*[:.–—-]\s*/, '')
    .replace(/^(?:\d{1,4}(?:\.\d{1,4}){0,4}[.):]?|[a-z][.)])\s+/, '')
    .replace(/[\s:：.]+$/, '')
}
