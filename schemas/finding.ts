import { z } from 'zod'

export const Severity = z.enum(['error', 'warning', 'info']).describe('error and warning keep a text from being ready')
export type Severity = z.infer<typeof Severity>

/** A place in a text: lines and columns count from 1, columns in UTF-16 units. */
export const Place = z.object({
  line: z.int().min(1),
  column: z.int().min(1),
  endLine: z.int().min(1).describe('Last line, included'),
  endColumn: z.int().min(1).describe('First column behind it'),
})
export type Place = z.infer<typeof Place>

/** An edit that prd_edit takes as one of its replacements: `old` occurs exactly once in the text. */
export const Fix = z.object({ old: z.string(), new: z.string() })
export type Fix = z.infer<typeof Fix>

/** What a rule has to say about a place in a text. */
export const Finding = z.object({
  id: z.string().describe('Stays the same while rule and passage do; names it when it is accepted'),
  rule: z.string().describe('Stable id, family.rule'),
  severity: Severity,
  place: Place,
  message: z.string().describe('What is wrong, why it matters, what to write'),
  fix: Fix.optional(),
  accepted: z.string().optional().describe('Reason for which somebody let it stand'),
})
export type Finding = z.infer<typeof Finding>

/** ready: no error or warning stands; split_recommended: too big to build in one go. */
export const Verdict = z.enum(['ready', 'needs_work', 'split_recommended'])
export type Verdict = z.infer<typeof Verdict>

/** What a workspace decides about the check. */
export const CheckSettings = z.object({
  severities: z
    .record(z.string(), z.enum(['off', 'error', 'warning', 'info']))
    .default({})
    .describe('By rule or family'),
  banned: z.array(z.string().trim().min(1).max(100)).max(500).default([]).describe('Words no specification may use'),
  gates: z
    .array(z.enum(['approve', 'plan']))
    .default([])
    .describe('Steps that need the verdict ready'),
  lenses: z.boolean().default(false).describe('Gates also need every lens looked through'),
})
export type CheckSettings = z.infer<typeof CheckSettings>
