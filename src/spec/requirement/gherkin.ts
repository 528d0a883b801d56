import { bare } from '../markdown/plain-text.ts'
import { isEarsSentence } from './ears.ts'

export type StepKeyword = 'given' | 'when' | 'then' | 'and'

const STEP = /^[*_]{0,3}(given|when|then|and|but)\b[*_]{0,3}\s*[:,]?[*_]{0,3}\s+\S/i
const SCENARIO = /^(?:scenario(?: outline| template)?|example)(?:\s+#?\d{1,4}(?:\.\d{1,4})?)?\s*(?::|\s[-–—]\s)\s*/i
const FRAME = /^(?:feature|background|rule|ability|business need)\s*:/i

/** The keyword a line opens with; a small letter counts only when emphasised. */
export function stepKeyword(source: string): StepKeyword | undefined {
  const match = STEP.exec(source)
  const word = match?.[1]
  if (match === null || word === undefined) return undefined
  if (!/^[*_]/.test(source) && !/^[A-Z]/.test(word)) return undefined
  switch (word.toLowerCase()) {
    case 'given':
      return 'given'
    case 'when':
      return 'when'
    case 'then':
      return 'then'
    default:
      return 'and'
  }
}

/** Title behind `Scenario:`; empty when it has none, undefined when the line opens no scenario. */
export function scenarioTitle(source: string): string | undefined {
  const text = bare(source)
  const match = SCENARIO.exec(text)
  return match === null ? undefined : text.slice(match[0].length).trim()
}

/** `Feature:`, `Background:`, `Rule:` frame scenarios and are none. */
export function opensFrame(source: string): boolean {
  return FRAME.test(bare(source))
}

export function startsScenario(source: string): boolean {
  return (
    /^[*_]{0,3}(?:scenario|example|feature|background|rule)/i.test(source) &&
    (scenarioTitle(source) !== undefined || opensFrame(source))
  )
}

/** `Given a, when b, then c` in one piece. */
export function isInlineScenario(source: string): boolean {
  const text = bare(source)
  const first = /^(given|when)\b/i.exec(text)?.[1]?.toLowerCase()
  if (first === undefined || !/\bthen\b/i.test(text)) return false
  return first === 'given' || !isEarsSentence(text)
}

/** Steps as one sentence: `Given a, When b, Then c`. */
export function joinSteps(steps: readonly string[]): string {
  const texts = steps.map((step) => step.replace(/[,;]$/, ''))
  return texts
    .map((text, index) => (index === 0 ? text : `${endsSentence(texts[index - 1] ?? '') ? ' ' : ', '}${text}`))
    .join('')
}

function endsSentence(text: string): boolean {
  return /[.!?]$/.test(text.slice(-1))
}
