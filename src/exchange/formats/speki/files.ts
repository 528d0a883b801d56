import { z } from 'zod'
import { BundleKnowledge, BundlePrd, BundleTask } from '../../../../schemas/bundle.ts'
import { Instant } from '../../../../schemas/key.ts'

/** Name of the file that makes a folder one of SPEKI's. */
export const MANIFEST = 'speki.json'

export const Manifest = z.object({ format: z.literal('speki'), workspace: z.string().optional() })

/** Instants as people read them. */
const Time = z
  .union([z.iso.datetime({ offset: true }), z.date().transform((date) => date.toISOString())])
  .transform((text) => Date.parse(text))
  .pipe(Instant)

const times = { created_at: Time.optional(), updated_at: Time.optional(), finished_at: Time.optional() }

/** What a PRD's file says behind its text. */
export const PrdMarker = BundlePrd.omit({ body: true }).extend({
  created_at: times.created_at,
  updated_at: times.updated_at,
})

/** What the block under a task's heading says; what it leaves out is empty. */
export const TaskFields = z.object({
  ...BundleTask.omit({ ref: true, title: true, description: true, prd: true }).shape,
  ...times,
  acceptance_criteria: BundleTask.shape.acceptance_criteria.default([]),
  test_cases: BundleTask.shape.test_cases.default([]),
  requirements: BundleTask.shape.requirements.default([]),
  depends_on: BundleTask.shape.depends_on.default([]),
  complexity: BundleTask.shape.complexity.default('medium'),
  priority: BundleTask.shape.priority.default(50),
  context: BundleTask.shape.context.default({}),
  notes: z.array(z.object({ text: z.string(), by: z.string().optional(), at: Time.optional() })).default([]),
  extra: BundleTask.shape.extra.default({}),
})

export const KnowledgeFields = BundleKnowledge.omit({ ref: true, text: true }).extend({
  at: Time.optional(),
  resolved_at: Time.optional(),
  extra: BundleKnowledge.shape.extra.default({}),
})

const MARK = '<!-- speki '
const END = ' -->'

/** The text with its record in a comment behind it, so that the text's own lines keep their numbers. */
export function withMarker(body: string, record: unknown): string {
  // Inside JSON text the two signs that could end a comment or open one are written as escapes.
  const json = JSON.stringify(record).replace(/>/g, '\\u003e').replace(/</g, '\\u003c')
  return `${body}\n${MARK}${json}${END}\n`
}

/** Text and record of a file that has one. */
export function splitMarker(text: string): { readonly body: string; readonly json: string } | undefined {
  const trimmed = text.trimEnd()
  const at = trimmed.lastIndexOf(`\n${MARK}`)
  if (at === -1 || !trimmed.endsWith(END)) return undefined
  return { body: trimmed.slice(0, at), json: trimmed.slice(at + 1 + MARK.length, -END.length) }
}

/** Headings inside a description would start the next task; a backslash before them says that they do not. */
export function escapeHeadings(text: string): string {
  return text.replace(/^(\\*)(?=##? )/gm, '$1\\')
}

export function unescapeHeadings(text: string): string {
  return text.replace(/^\\(\\*)(?=##? )/gm, '$1')
}
