import { bare, wordCount } from './plain-text.ts'

/**
 * What a heading, or a line that introduces a list, says about what follows:
 * `requirements` lists are requirements; `criteria` belong to a requirement, or are requirements where there is none;
 * `expected` is the wanted behaviour of a bug report; `questions` are open; `excluded` is stated and yet not to be built;
 * `narrative` explains, so only explicit forms count; `details` describe the requirement they stand in.
 */
export type SectionRole = 'requirements' | 'criteria' | 'expected' | 'questions' | 'excluded' | 'narrative' | 'details'

const EXCLUDED =
  /\bnon[- ]?goals?\b|\bnon[- ]?requirements?\b|\b(?:out|outside)[- ](?:of[- ])?(?:the[- ])?scope\b|\bnot (?:in|within) scope\b|^exclu(?:sions?|ded)\b|^scope exclusions\b|^anti[- ]goals?\b|\bassumptions?\b|\bwon'?t (?:have|do|fix|be)\b|\bwon’t (?:have|do|fix|be)\b|\bwill not (?:have|do|build|be)\b|^not (?:doing|planned|included|covered)\b|^(?:future|deferred|later|postponed|parked|parking lot|backlog)\b|^(?:removed|renamed) requirements?\b|^(?:glossary|terminology|definitions?(?! of done)|references?|further reading|links?|see also|bibliography|change ?log|revision history|document history|version history|history|faq|frequently asked)\b|^(?:key |domain |core )?(?:entities|actors)\b|^(?:rejected|alternatives?|considered|prior art|related work)\b|^(?:risks?|dependenc|mitigations?)|^(?:execution (?:flow|status)|review (?:& |and )?(?:acceptance )?checklist|clarifications?|requirements? (?:traceability|coverage|quality|checklist|completeness|template|process|gathering|history))\b|\btraceability\b/

const QUESTIONS =
  /^(?:(?:open|outstanding|unresolved|pending|remaining) )?(?:questions?|clarifications? needed)\b|^(?:open|outstanding|unresolved) (?:questions?|issues?|points?|items?|decisions?|topics?)\b|^(?:tbds?|to be (?:determined|decided|clarified|defined)|needs? clarifications?|undecided|decisions? (?:needed|pending|to be made))\b/

const DOCUMENT = /\brequirements? (?:documents?|docs?|specifications?|specs?|definitions?)\b|\bprd\b/

const CRITERIA =
  /^(?:(?:acceptance|success|completion|exit|verification|validation|user acceptance|fit) )(?:criteria|criterion|scenarios?|tests?|checks?|conditions?)\b|^(?:acceptance|verification|scenarios?|criteria|test scenarios?|examples?|ac|acs|verify|conditions of satisfaction)$|^(?:key |main )?scenarios$|^given\b.*\bwhen\b.*\bthen\b/

const REQUIREMENTS =
  /\brequirements?\b|\b(?:user|job|technical|tech|enabler) stor(?:y|ies)\b|^stor(?:y|ies)$|^(?:(?:key|core|main|new|product|planned|proposed|mvp|functional|essential|required) )?(?:features?|functionality|capabilities)\b(?! (?:branch|flags?|name|toggles?|matrix|comparison))|^(?:functional|non[- ]?functional)\b|^(?:must|should|could)[- ]haves?\b|^nice[- ]to[- ]haves?\b|^essentials?$|^(?:business|validation|domain) rules\b|^quality attributes\b|^definition of done\b|^(?:nfrs?|frs?)\b/

const EXPECTED =
  /^(?:expected|desired|intended|correct) (?:behaviou?rs?|results?|outcomes?)\b|^what should happen\b|^expected$/

const NARRATIVE =
  /^(?:background|context|problem|motivation|rationale|why|impact|what changes|what happens|purpose|introduction|current|actual|observed|existing|as[- ]is|steps? to reproduce|reproduction|how to reproduce|environment|root cause|suspected|analysis|logs?|workaround|frequency|severity|timeline|milestones?|schedule|roll-?out|roadmap|releases?|phases?|tasks?|task list|implementation (?:plan|tasks|order|steps|phases)|test(?:ing)?(?: plan| strategy| cases)?|personas?|target (?:users?|audience)|stakeholders?|team|metadata|status|approvals?|sign-?off|decisions?|decision log|lessons|research|competitive|market|vision|goals? and non|goals?|objectives?|success metrics?|metrics?|kpis?)\b/

const DETAILS =
  /^(?:notes?|technical notes?|implementation notes?|design notes?|comments?|priority|status|rationale|why this priority|independent test|depends on|related|tasks?|estimate|size|owner|hints?|ui|design|technical details?|details?|description|approach)\b/

/** The heading without numbering, decoration and a trailing colon, in small letters. */
function normalise(title: string): string {
  return bare(title)
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replace(/^(?:\d{1,4}(?:\.\d{1,4}){0,4}[.):]?|[a-z][.)])\s+/, '')
    .replace(/[\s:：.]+$/, '')
}

export function roleOf(title: string): SectionRole | undefined {
  const full = normalise(title.slice(0, 200))
  // `must have / should have` styles and long sentences are judged by their words only where they read like a title.
  if (full === '' || wordCount(full) > 12) return undefined
  if (/^in[- ]scope\b/.test(full)) return undefined
  if (/^(?:goals?|scope)\b.*\bnon[- ]?goals?\b/.test(full)) return 'narrative'
  if (EXCLUDED.test(full)) return 'excluded'
  if (QUESTIONS.test(full)) return 'questions'
  if (EXPECTED.test(full)) return 'expected'
  if (CRITERIA.test(full)) return 'criteria'
  if (NARRATIVE.test(full)) return 'narrative'
  if (DOCUMENT.test(full)) return undefined
  if (REQUIREMENTS.test(full)) return 'requirements'
  if (DETAILS.test(full)) return 'details'
  return undefined
}
