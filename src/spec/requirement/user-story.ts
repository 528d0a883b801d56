import { bare } from '../markdown/plain-text.ts'

const STORY =
  /^as (?:an?|the)\b[^.?!]{1,200}?[,;:]?\s+(?:i|we|they|he|she)\s*(?:want|need|can|would like|should|must|wish|'d like|’d like|will)\b/i

/** `As a …, I want …`, in one line or wrapped, with any emphasis. */
export function isUserStory(source: string): boolean {
  return STORY.test(bare(source).slice(0, 300))
}

const STORY_HEADING =
  /^((?:user |job |technical )?story\s+#?\d{1,4}(?:\.\d{1,4}){0,3})(?![\p{L}\p{N}])\s*[-–—:.)]{0,2}\s*/iu
const PRIORITY =
  /\s*[([](?:priority\s*[:=]?\s*)?(?:p\d|high|medium|low|must|should|could)[)\]]\s*|\s*🎯\s*(?:mvp)?\s*/giu

/** `User Story 1 - Title (Priority: P1)`. */
export function parseStoryHeading(source: string): { label: string; title: string } | undefined {
  const text = bare(source)
  const match = STORY_HEADING.exec(text)
  if (match?.[1] === undefined) return undefined
  return { label: match[1], title: withoutPriority(text.slice(match[0].length)) }
}

export function withoutPriority(title: string): string {
  return title.replace(PRIORITY, ' ').trim()
}
