import { z } from 'zod'
import { Severity } from './finding.ts'

/** A point of view from which somebody who can judge reads a text. */
export const LensName = z.enum([
  'completeness',
  'clarity',
  'testability',
  'scope',
  'flow',
  'security',
  'performance',
  'feasibility',
  'alignment',
  'reproduction',
])
export type LensName = z.infer<typeof LensName>

/** What a reader found under a lens; the quote proves where. */
export const LensFinding = z.object({
  lens: LensName,
  severity: Severity.default('warning'),
  line: z.int().min(1).describe('First line'),
  end_line: z.int().min(1).optional().describe('Last line'),
  quote: z.string().min(3).max(1000).describe('Words of these lines'),
  message: z.string().trim().min(5).max(1000).describe('What is wrong and why'),
  suggestion: z.string().max(4000).optional(),
})
export type LensFinding = z.infer<typeof LensFinding>
