import { z } from 'zod'
import { Actor } from './actor.ts'
import { Instant, PrdKey, Revision } from './key.ts'

export const PrdKind = z.enum(['prd', 'tech_spec', 'bug'])
export type PrdKind = z.infer<typeof PrdKind>

export const PrdState = z.enum(['draft', 'in_review', 'approved', 'in_progress', 'completed', 'archived'])
export type PrdState = z.infer<typeof PrdState>

/** Longest text of a document, in bytes of UTF-8. */
export const MAX_BODY_BYTES = 1_048_576

export const Title = z.string().trim().min(1).max(300)

export const Prd = z.object({
  id: PrdKey,
  title: Title,
  kind: PrdKind,
  state: PrdState,
  parent: PrdKey.optional(),
  repositories: z.array(z.string()).describe('Names of the repositories it spans'),
  owners: z.array(z.string()),
  revision: Revision.describe('Number of its current text; edits name it as base_revision'),
  version: Revision.describe('Counts every change of the record, its text included'),
  hash: z.string().describe('SHA-256 of the current text'),
  createdAt: Instant,
  updatedAt: Instant,
  deletedAt: Instant.optional(),
})
export type Prd = z.infer<typeof Prd>

/** Numbered, hashed state of a document's text. */
export const PrdRevision = z.object({
  number: Revision,
  hash: z.string(),
  actor: Actor,
  reason: z.string(),
  basedOn: Revision.optional().describe('Revision the author had read; older than number - 1 when it was merged'),
  at: Instant,
})
export type PrdRevision = z.infer<typeof PrdRevision>
