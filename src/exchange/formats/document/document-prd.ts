import type { BundlePrd } from '../../../../schemas/bundle.ts'
import { MAX_BODY_BYTES, type PrdKind, type PrdState } from '../../../../schemas/prd.ts'
import { splitLines } from '../../../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../../../spec/markdown/markdown-scan.ts'
import { readDate } from '../reading/date.ts'
import { checkJson, type Json } from '../reading/json.ts'
import { refuse } from '../reading/refusal.ts'
import { cutAtWord } from '../reading/task.ts'
import type { Values } from '../reading/yaml.ts'
import { checkedRef } from './checked-ref.ts'

const MAX_TITLE = 300

export interface DocumentFields {
  /** Path of the document, or of the folder it is made of. */
  readonly ref: string
  readonly title: string
  readonly kind: PrdKind
  readonly state: PrdState
  readonly body: string
  readonly parent?: string | undefined
  readonly repositories?: readonly string[]
  readonly owners?: readonly string[]
  /** As written; what is no date is kept in `extra` by this name. */
  readonly created?: { readonly field: string; readonly value: string | undefined } | undefined
  readonly updated?: { readonly field: string; readonly value: string | undefined } | undefined
  readonly extra?: Values
}

/**
 * A PRD made of a document, word for word.
 * @throws SpekiError `invalid_input` where the text or its path is longer than a PRD takes
 */
export function documentPrd(fields: DocumentFields): BundlePrd {
  const { ref, body } = fields
  checkBody(ref, body)
  const extra: Record<string, Json> = { ...fields.extra }
  const whole = fields.title.replace(/\s+/g, ' ').trim()
  const title = cutAtWord(whole, MAX_TITLE)
  if (title !== whole) extra['title'] = whole
  const date = (source: DocumentFields['created']) => {
    if (source?.value === undefined) return undefined
    const instant = readDate(source.value)
    if (instant === undefined) extra[source.field] = source.value
    return instant
  }
  const created = date(fields.created)
  const updated = date(fields.updated)
  return {
    ref: checkedRef(ref, ref),
    title: title || ref,
    kind: fields.kind,
    state: fields.state,
    body,
    ...(fields.parent !== undefined && { parent: fields.parent }),
    repositories: [...(fields.repositories ?? [])],
    owners: [...(fields.owners ?? [])],
    ...(created !== undefined && { created_at: created }),
    ...(updated !== undefined && { updated_at: updated }),
    extra,
  }
}

/** @throws SpekiError `invalid_input` where the text is longer than a PRD takes, or nothing could keep it as it is */
export function checkBody(ref: string, body: string): void {
  const bytes = Buffer.byteLength(body)
  if (bytes > MAX_BODY_BYTES)
    refuse({ file: ref }, `the text has ${bytes} bytes; ${MAX_BODY_BYTES} are the most.`, 'Split it and import again.')
  checkJson(body, { file: ref })
}

/** The first heading of level 1. */
export function titleOf(text: string): string | undefined {
  const { headings } = scanMarkdown(splitLines(text).slice(0, 400))
  return headings.find(({ level, title }) => level === 1 && title !== '')?.title
}

/** `20260110-101500-add-two_factor.tech.md` → `Add two factor`. */
export function titleOfName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const words = name
    .replace(/\.(?:md|markdown|mdx)$/i, '')
    .replace(/^\d{8}-\d{6}-/, '')
    .replace(/\.(?:prd|tech|tech-spec|bug)$/i, '')
    .replace(/[-_\s]+/g, ' ')
    .trim()
  return words === '' ? name : `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

const STAGES: readonly PrdState[] = ['draft', 'in_review', 'approved', 'in_progress', 'completed', 'archived']

/** The state further on: a document is often not touched again while its tasks are done. */
export function furtherState(a: PrdState, b: PrdState): PrdState {
  return STAGES.indexOf(a) >= STAGES.indexOf(b) ? a : b
}

const WORDS: readonly (readonly [PrdState, RegExp])[] = [
  ['archived', /^(?:archived|deprecated|superseded|obsolete|rejected|withdrawn|abandoned)\b/],
  ['completed', /^(?:completed?|done|implemented|shipped|released|finished|closed|deployed)\b/],
  ['in_progress', /^(?:in progress|active|implementing|started|ongoing|wip|in development)\b/],
  ['approved', /^(?:approved|accepted|agreed|final|ready|signed off)\b/],
  ['in_review', /^(?:in review|under review|review|reviewed|proposed|pending review|clarified|decomposed)\b/],
  ['draft', /^(?:draft|new|idea|planned|todo|open|backlog)\b/],
]

/** What the word for a state means here; undefined where nobody knows it. */
export function stateOfWord(word: string): PrdState | undefined {
  const plain = word
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  return WORDS.find(([, pattern]) => pattern.test(plain))?.[0]
}
