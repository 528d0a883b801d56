import { bare } from '../markdown/plain-text.ts'
import { remembering } from '../markdown/remembering.ts'

/** What a section of a specification is about. One heading can name several. */
export type Part =
  | 'problem'
  | 'goals'
  | 'non_goals'
  | 'personas'
  | 'boundary'
  | 'flows'
  | 'requirements'
  | 'contracts'
  | 'constraints'
  | 'failures'
  | 'metrics'
  | 'rollout'
  | 'done'
  | 'approach'
  | 'tests'
  | 'steps'
  | 'expected'
  | 'actual'
  | 'environment'
  | 'severity'
  | 'questions'
  | 'glossary'
  | 'references'
  | 'aside'

const PARTS: readonly (readonly [Part, RegExp])[] = [
  [
    'non_goals',
    /\bnon[- ]?goals?\b|\b(?:out|outside)[- ]of[- ](?:the[- ])?scope\b|\bnot (?:in|within) scope\b|^exclu(?:ded|sions?)\b|\banti[- ]goals?\b|\bwon['’]t\b|\bwill not\b|\bleaves?(?: it)? out\b|\bleft out\b|\bleave out\b|\bnot part of\b|^not (?:doing|planned|included|covered)\b|^what (?:this|it|we) (?:is not|does not|do not|will not)|\bno(?:t|n)[- ]objectives?\b/,
  ],
  [
    'problem',
    /^(?:the )?(?:problem|background|context|motivation|pain|situation|opportunity|today|current state|why\b|what hurts|status quo)|\bproblem\b|^what happens today/,
  ],
  [
    'goals',
    /^(?:(?:business|product|project|primary|our|the) )?(?:goals?|objectives?|targets?|outcomes?|key results)\b|^success (?:criteria|looks)\b|^what success\b|^what (?:must|has to) be true\b|^(?:desired|expected) outcomes?$/,
  ],
  [
    'personas',
    /\bpersonas?\b|^people\b|^(?:(?:target|primary|direct|our|the) )?(?:users?|audience|actors|customers)\b(?! (?:stor|flow|journey|interface|experience|scenario|manual|guide))|^roles?\b|^who\b/,
  ],
  ['boundary', /\bboundar(?:y|ies)\b|\bownership\b|^(?:system )?(?:scope|owns)\b|\bin scope\b|\bresponsibilit/],
  [
    'flows',
    /\bflows?\b|\bjourneys?\b|\bwalk[- ]?through\b|\buse cases?\b|\bhappy path\b|^how (?:it|people|users)\b|\bworkflows?\b|^user experience\b|\bday in the life\b/,
  ],
  [
    'requirements',
    /\brequirements?\b(?! gathering)|\bfeatures?\b(?! flags?)|\buser stor|^stories$|\bcapabilit|^(?:functional|behaviou?rs?)\b|^(?:must|should|could)[- ]haves?\b|^business rules\b|\bfunctionality\b/,
  ],
  [
    'contracts',
    /\bcontracts?\b|\bapis?\b|\binterfaces?\b(?! design)|\bevents?\b|\bschemas?\b|\bpayloads?\b|\bdata (?:model|format|structures?)\b|\bmessages\b|\bendpoints?\b|\bdatabase\b/,
  ],
  [
    'constraints',
    /\bconstraints?\b|\bassumptions?\b|\bnon[- ]?functional\b|\bquality (?:attributes|requirements)\b|\blimits?\b|\bcompliance\b|^security\b|^performance\b|\bnfrs?\b|^privacy\b/,
  ],
  [
    'failures',
    /\bfail(?:s|ures?|ing)?\b|\berrors?\b|\bedge[- ]cases?\b|\bunhappy\b|\bgo(?:es)? wrong\b|\bexceptions?\b|\bdegrad|\brecovery\b|\bfault|\bwhen things break\b/,
  ],
  [
    'metrics',
    /\bmetrics?\b|\bsl[io]s?\b|\bkpis?\b|\bmeasure(?:s|ments?|d)?\b|\bindicators?\b|\btelemetry\b|\bobservability\b|\bhow we (?:know|measure)\b/,
  ],
  [
    'rollout',
    /\broll[- ]?out\b|\bmigrat|\blaunch\b|\breleases?\b|\bdeploy|\bbackwards?[- ]compat|\bcut[- ]?over\b|\broll[- ]?back\b|\bfeature flags?\b|\btransition\b/,
  ],
  [
    'done',
    /\bdefinition of done\b|^done\b|\bdone (?:when|means)\b|^finished when\b|^(?:acceptance|exit|completion) (?:criteria|checklist)\b|^acceptance$|\bready to ship\b|^checklist\b/,
  ],
  [
    'approach',
    /\bapproach\b|\bdesign\b|\barchitecture\b|\bsolution\b|\bproposal\b|^overview\b|^summary\b|\bimplementation\b|^how it works\b|\bcomponents?\b|\bmodules?\b|\bchanges\b/,
  ],
  ['tests', /\btest(?:s|ing|ed)?\b|\bverification\b|\bvalidation\b|\bhow (?:it is|this is|we) (?:tested|test|verify)/],
  ['steps', /\bsteps\b|\breproduc|\brepro\b|\bhow to (?:see|trigger)\b/],
  ['expected', /\bexpected\b|\bdesired behaviou?r\b|\bshould happen\b|\bcorrect behaviou?r\b/],
  ['actual', /\bactual\b|\bobserved\b|\bcurrent behaviou?r\b|^what (?:happens|goes wrong|we see)\b|\bsymptoms?\b/],
  [
    'environment',
    /\benvironment\b|\bversions?\b|\bplatforms?\b|\bsetup\b|\bwhere (?:it|seen)\b|\baffected (?:systems?|versions?|builds?)\b/,
  ],
  ['severity', /\bseverity\b|\bimpact\b|\bpriority\b|\bfrequency\b|\bwho is affected\b/],
  ['questions', /\bquestions?\b|\bunresolved\b|\bto be (?:decided|clarified)\b|\btbd\b|\bclarifications?\b/],
  [
    'glossary',
    /\bglossary\b|\bterm(?:s|inology)\b|\bdefinitions?\b(?! of done)|\bvocabulary\b|\bacronyms?\b|\babbreviations?\b/,
  ],
  ['references', /^(?:references?|links?|see also|further reading|related|sources|bibliography|appendix)\b/],
  [
    'aside',
    /^(?:risks?|dependenc|alternatives?|rejected|considered|history|change ?log|decision|faq|timeline|milestones|notes?|mitigat|prior art|lessons|workarounds?|suspected|root cause|logs?|analysis|evidence)\b/,
  ],
]

/** Longer titles are sentences, whatever words are in them. */
const MAX_WORDS = 9

export const partsOf = remembering((title: string): readonly Part[] => {
  const text = bare(title.slice(0, 200))
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replace(/^(?:\d{1,4}(?:\.\d{1,4}){0,4}[.):]?|[a-z][.)])\s+/, '')
    .replace(/\s*\[[^\]]*\]|[\s:.]+$/g, '')
  if (text === '' || text.split(/\s+/).length > MAX_WORDS) return []
  const found = PARTS.filter(([, pattern]) => pattern.test(text)).map(([part]) => part)
  // "Non-goals" is no goal, "Expected behaviour" no feature, "Open questions on the API" no contract.
  if (found.includes('non_goals') && !/\bgoals? (?:and|&|\/) non/.test(text)) return ['non_goals']
  for (const sole of ['questions', 'glossary', 'references', 'aside'] as const) if (found.includes(sole)) return [sole]
  return found
})
