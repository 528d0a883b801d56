import { SpekiError } from '../errors.ts'
import type { Step } from '../step.ts'
import { lineAt, normalizePassage, normalizeText } from './text.ts'

/** A passage and what takes its place; both literal. */
export interface Replacement {
  readonly old: string
  readonly new: string
}

/** Looking for more would only lengthen a refusal, and can be slow in a text that repeats itself. */
const MAX_COUNTED = 20

/**
 * Applies the replacements one after the other; each `old` must occur exactly once in the text the earlier ones left.
 * Throws `not_found` or `invalid_input`, and nothing of it is applied. `reading` is the call that reads the text.
 */
export function applyReplacements(text: string, replacements: readonly Replacement[], reading?: Step): string {
  let body = normalizeText(text)
  for (const [index, replacement] of replacements.entries()) {
    const old = normalizePassage(replacement.old)
    const which = `Replacement ${index + 1} of ${replacements.length}`
    if (old === '') {
      throw new SpekiError('invalid_input', `${which} has an empty "old".`, {
        hint: 'To insert, name a neighbouring passage as "old" and repeat it in "new".',
      })
    }
    const found = occurrences(body, old)
    const at = found[0]
    if (at === undefined) {
      throw new SpekiError('not_found', `${which}: the text has no "${excerpt(old)}".`, {
        hint: [
          'Read the text of the base revision and copy the passage exactly, white space included; earlier replacements may have changed it.',
          ...(reading === undefined ? [] : [' It is read with ', reading, '.']),
        ],
      })
    }
    if (found.length > 1) {
      const count = found.length === MAX_COUNTED ? `at least ${MAX_COUNTED}` : String(found.length)
      const lines = found.map((position) => lineAt(body, position)).join(', ')
      throw new SpekiError('invalid_input', `${which}: "${excerpt(old)}" occurs ${count} times, in lines ${lines}.`, {
        hint: 'Take more of the text around it into "old", so that it occurs once.',
      })
    }
    body = body.slice(0, at) + normalizePassage(replacement.new) + body.slice(at + old.length)
  }
  return normalizeText(body)
}

function occurrences(text: string, passage: string): number[] {
  const found: number[] = []
  for (let at = text.indexOf(passage); at !== -1 && found.length < MAX_COUNTED; at = text.indexOf(passage, at + 1)) {
    found.push(at)
  }
  return found
}

function excerpt(passage: string): string {
  return passage.length <= 80 ? passage : `${passage.slice(0, 80).toWellFormed()}…`
}
