import { bare, wordCount } from '../markdown/plain-text.ts'

const TRIGGER = /^(?:when(?:ever)?|while|if|where|once|after|before|upon|until|during)\b/i
const MODAL = /\b(?:shall|must)\b(?! have been\b| be due to\b)/i
const UBIQUITOUS = /^(?:the|each|every|all|any|a|an|no)\s/i
/** `Requests must be signed`; `This must be a joke` is none. */
const BARE_SUBJECT = /^(?!(?:it|this|that|these|those|there|we|i|you|they|one|what|so|but|and|or|however|then)\b)/i
const LOUD_MODAL = /\b(?:SHALL|MUST)\b/
const ABOUT_WORDING = /\bkey ?words\b|\bRFC ?2119\b|\bBCP ?14\b|["“'`](?:must|shall)["”'`]/i

/** How many words may stand between the start and the modal verb. */
const MAX_SUBJECT_WORDS = 14
const MAX_BARE_SUBJECT_WORDS = 4

/** Easy Approach to Requirements Syntax: a trigger and `shall`, or `The system shall`; `must` counts as `shall`. */
export function isEarsSentence(source: string): boolean {
  const text = bare(source)
  if (text.endsWith('?') || ABOUT_WORDING.test(text)) return false
  const modal = MODAL.exec(text)
  if (modal === null) return false
  if (TRIGGER.test(text)) return true
  const subject = text.slice(0, modal.index)
  if (/[.;!]\s/.test(subject) || wordCount(subject) > MAX_SUBJECT_WORDS || wordCount(subject) === 0) return false
  if (wordCount(subject) <= MAX_BARE_SUBJECT_WORDS && /^\p{Lu}/u.test(text) && BARE_SUBJECT.test(text)) return true
  return UBIQUITOUS.test(text) || (LOUD_MODAL.test(modal[0]) && /^\p{L}/u.test(text))
}

/** With a trigger or `shall`: nothing else reads like it, so it names the form even inside a list. */
export function isStrictEars(source: string): boolean {
  const text = bare(source)
  return isEarsSentence(text) && (TRIGGER.test(text) || /\bshall\b/i.test(text))
}
