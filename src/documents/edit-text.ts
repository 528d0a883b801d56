import type { Step } from '../step.ts'
import { type Merge, merge3 } from './merge.ts'
import { applyReplacements, type Replacement } from './replacements.ts'
import { replaceSection } from './sections.ts'
import { checkText, normalizeText } from './text.ts'

/** One of three ways to say what a text should become. */
export type Edit =
  | { readonly body: string }
  | { readonly section: string; readonly text: string }
  | { readonly replacements: readonly Replacement[] }

/**
 * The text after an edit of `base`, merged with what it has become since. `reading` says how to read the base.
 * @throws SpekiError `not_found` or `invalid_input` where the edit does not fit the base
 */
export function editText(base: string, edit: Edit, theirs: string, reading: Step): Merge {
  const mine = normalizeText(applyEdit(base, edit, reading))
  checkText(mine)
  return base === theirs ? { kind: 'merged', text: mine } : merge3(base, mine, theirs)
}

function applyEdit(base: string, edit: Edit, reading: Step): string {
  if ('body' in edit) return edit.body
  if ('section' in edit) return replaceSection(base, edit.section, edit.text)
  return applyReplacements(base, edit.replacements, reading)
}
