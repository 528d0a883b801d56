import { z } from 'zod'
import { RequirementKey } from './key.ts'

/** The shape a requirement was written in. */
export const RequirementForm = z.enum([
  'explicit_id',
  'gherkin',
  'openspec',
  'user_story',
  'ears',
  'checklist',
  'table',
  'numbered',
  'bullet',
])
export type RequirementForm = z.infer<typeof RequirementForm>

export const SourceLines = z.object({
  start: z.int().min(1).describe('First line, counted from 1'),
  end: z.int().min(1).describe('Last line, included'),
})
export type SourceLines = z.infer<typeof SourceLines>

/** A check of a requirement: a criterion or a scenario, with its lines. */
export const AcceptanceCriterion = z.object({
  text: z.string(),
  lines: SourceLines,
})
export type AcceptanceCriterion = z.infer<typeof AcceptanceCriterion>

/** A requirement as found in a text, before it has a key. */
export const ExtractedRequirement = z.object({
  label: z.string().optional().describe('Id written in the text, for example FR-001'),
  form: RequirementForm,
  text: z.string().describe('The statement without its marker and label'),
  section: z.array(z.string()).describe('Headings above it, outermost first'),
  lines: SourceLines.describe('Lines of the requirement with everything that belongs to it'),
  criteria: z.array(AcceptanceCriterion),
})
export type ExtractedRequirement = z.infer<typeof ExtractedRequirement>

export const Requirement = ExtractedRequirement.extend({
  id: RequirementKey,
})
export type Requirement = z.infer<typeof Requirement>

/** A question the text leaves open; work on what it touches waits for the answer. */
export const OpenQuestion = z.object({
  text: z.string(),
  lines: SourceLines,
  section: z.array(z.string()),
})
export type OpenQuestion = z.infer<typeof OpenQuestion>

/** Everything extraction reads from a text. */
export const Extraction = z.object({
  requirements: z.array(ExtractedRequirement),
  questions: z.array(OpenQuestion),
  frontMatter: z.record(z.string(), z.unknown()).describe('Parsed YAML front matter; empty when there is none'),
  title: z.string().optional().describe('Text of the first level-1 heading'),
})
export type Extraction = z.infer<typeof Extraction>
